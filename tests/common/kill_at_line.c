/*
 * Preloaded into the tool: ends it (SIGKILL) at one moment of the writing of its journals.
 *
 * Each line has three moments: before it is written, when half of it is, and when it is whole. They
 * are counted from 1; KILL_AT_MOMENT names the one at which the process ends.
 */

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_journal(int file)
{
    static const char suffix[] = ".jsonl";
    const ssize_t of_suffix = sizeof suffix - 1;
    char link[32];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    return length > of_suffix && memcmp(path + length - of_suffix, suffix, of_suffix) == 0;
}

static int its_turn(void)
{
    static long seen;
    const char *moment = getenv("KILL_AT_MOMENT");
    return moment != NULL && ++seen == atol(moment);
}

ssize_t write(int file, const void *bytes, size_t count)
{
    if (!is_journal(file))
        return syscall(SYS_write, file, bytes, count);
    if (its_turn())
        kill(getpid(), SIGKILL);
    if (its_turn()) {
        syscall(SYS_write, file, bytes, count / 2);
        kill(getpid(), SIGKILL);
    }
    ssize_t written = syscall(SYS_write, file, bytes, count);
    if (its_turn())
        kill(getpid(), SIGKILL);
    return written;
}
