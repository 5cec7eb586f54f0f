// Runs the official CLI against a local org, command by command, and compares exit code and JSON
// with the files in `expected`. With UPDATE=1 it writes them instead; then read the difference.
//
//     node sf.mjs BINARY FOLDER_OF_THE_CLIENTS

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [binary, clients] = process.argv.slice(2);
const sf = join(clients, 'node_modules/.bin/sf');
const only = process.env.ONLY;
const update = process.env.UPDATE === '1';

/** Starts a local org and waits for its address and token. */
export async function start(binary, state, ...options) {
    const child = spawn(binary, ['emulator', 'start', '--state', state, ...options], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => child.kill());
    const found = {};
    for await (const line of createInterface({ input: child.stdout })) {
        const match = /^export (\w+)='?([^']*)'?$/.exec(line);
        if (match) found[match[1]] = match[2];
        if (found.SF_INSTANCE_URL && found.SF_ACCESS_TOKEN) break;
    }
    return { child, url: found.SF_INSTANCE_URL, token: found.SF_ACCESS_TOKEN };
}

// What differs from run to run, or says nothing about the org.
const DROPPED = new Set(['stack', 'deployUrl', 'zipSize', 'accessToken', 'cause', 'commandExecutionTime',
    'testStartTime', 'commandTime', 'instanceApiVersionLastRetrieved', 'testTotalTime', 'testExecutionTime', 'runTime', 'RunTime']);

function normal(value, replacements) {
    if (Array.isArray(value)) return value.map((item) => normal(item, replacements));
    if (value && typeof value === 'object') {
        return Object.fromEntries(
            Object.entries(value)
                .filter(([key]) => !DROPPED.has(key))
                .map(([key, item]) => [normal(key, replacements), normal(item, replacements)]),
        );
    }
    if (typeof value !== 'string') return value;
    let text = value;
    for (const [from, to] of replacements) text = text.split(from).join(to);
    return text
        .replace(/<org>[A-Z0-5]{3}\b/g, '<org>')
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+0000)/g, '<time>')
        .replace(/\b\d\d:\d\d:\d\d\.\d{1,3} \(\d+\)/g, '<at>')
        .replace(/\b(0[0-9A-Za-z]{2}|500|707|7tf|7dl|709)[0-9A-Za-z]{5}0[0-9A-Za-z]{3}\d{3}([A-Z0-5]{3})?\b/g, '<$1>');
}

/** What differs from an expected file, in the form of `diff -u`. */
function difference(file, text) {
    const found = spawnSync('diff', ['-u', '--label', 'expected', '--label', 'found', existsSync(file) ? file : '/dev/null', '-'], {
        input: text,
        encoding: 'utf8',
    });
    return found.stdout || text;
}

/** Runs a program to its end. */
async function ran(command, args, options) {
    const child = spawn(command, args, options);
    const ended = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text) => (ended.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (ended.stderr += text));
    ended.status = await new Promise((done) => child.once('close', done));
    return ended;
}

/** One run of all steps of a list in a folder of its own. */
async function run(name, steps, options = []) {
    const work = mkdtempSync(join(tmpdir(), 'opencx-sf-conformance-'));
    for (const folder of ['project', 'broken']) cpSync(join(here, folder), join(work, folder), { recursive: true });
    const org = await start(binary, join(work, 'state'), ...options);
    const env = {
        PATH: process.env.PATH,
        HOME: join(work, 'home'),
        SF_DISABLE_TELEMETRY: 'true',
        SF_DISABLE_AUTOUPDATE: 'true',
        SF_SKIP_NEW_VERSION_CHECK: 'true',
        SF_DISABLE_LOG_FILE: 'true',
        SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
        NODE_COMPILE_CACHE: join(tmpdir(), 'opencx-sf-conformance-compiled'),
        SF_ACCESS_TOKEN: org.token,
        SF_TARGET_ORG: 'local',
    };
    mkdirSync(env.HOME);
    const replacements = [[org.token, '<token>'], [org.token.split('!')[0], '<org>'], [`${org.url}/`, '<url>'],
        [org.url, '<url>'], [work, '<work>']];
    const seen = {};
    let failed = 0;
    try {
        for (const step of steps) {
            const label = `${name}/${step.name}`;
            if (only && !step.always && !label.includes(only)) continue;
            step.before?.(work);
            const args = step.args({ url: org.url, work, seen }).concat('--json');
            const began = Date.now();
            const ended = await ran(sf, args, {
                cwd: join(work, step.in ?? 'project'),
                env: { ...env, ...step.env },
                stdio: ['ignore', 'pipe', 'pipe'],
                timeout: 300_000,
            });
            let json;
            try {
                json = JSON.parse(ended.stdout);
            } catch {
                json = { notJson: ended.stdout, stderr: ended.stderr };
            }
            seen[step.name] = json;
            const shown = normal({ exit: ended.status, json: step.shown ? step.shown(json) : json }, replacements);
            const file = join(here, 'expected', name, `${step.name}.json`);
            const text = `${JSON.stringify(shown, null, 2)}\n`;
            const took = `${((Date.now() - began) / 1000).toFixed(1)} s`;
            if (update) {
                mkdirSync(dirname(file), { recursive: true });
                writeFileSync(file, text);
                console.log(`wrote  ${label} (exit ${ended.status}, ${took})`);
            } else if (text === (existsSync(file) ? readFileSync(file, 'utf8') : '')) {
                console.log(`ok     ${label} (${took})`);
            } else {
                failed += 1;
                console.log(`FAILED ${label} (${took})\n${difference(file, text)}`);
            }
        }
    } finally {
        org.child.kill('SIGINT');
        await new Promise((done) => (org.child.exitCode === null ? org.child.once('exit', done) : done()));
        if (org.child.exitCode !== 0) {
            failed += 1;
            console.log(`FAILED ${name}: the local org ended with ${org.child.exitCode ?? org.child.signalCode}`);
        }
        rmSync(work, { recursive: true, force: true });
    }
    return failed;
}

/** Runs one of the programs in `clients`, which check their results themselves. */
async function runClient(name, command, args) {
    if (only && !name.includes(only)) return 0;
    const work = mkdtempSync(join(tmpdir(), 'opencx-sf-conformance-'));
    const org = await start(binary, join(work, 'state'));
    const zip = join(work, 'package.zip');
    const zipped = spawnSync('python3', ['-m', 'zipfile', '-c', zip, 'package.xml', 'classes/'], {
        cwd: join(here, 'project/metadata'),
        encoding: 'utf8',
    });
    if (zipped.status !== 0) throw new Error(zipped.stderr);
    const ended = await ran(command, args, {
        env: {
            PATH: process.env.PATH,
            SF_INSTANCE_URL: org.url,
            SF_ACCESS_TOKEN: org.token,
            ZIP: readFileSync(zip).toString('base64'),
            ZIP_FILE: zip,
        },
        stdio: ['ignore', 'inherit', 'inherit'],
        timeout: 120_000,
    });
    org.child.kill('SIGINT');
    rmSync(work, { recursive: true, force: true });
    if (ended.status !== 0) console.log(`FAILED ${name}`);
    return ended.status === 0 ? 0 : 1;
}

// Most of the time goes by in starting the client, so the runs, each with an org of its own, go
// side by side.
const { RUNS } = await import('./steps.mjs');
const wanted = process.env.RUN;
const counts = await Promise.all([
    ...RUNS.filter((one) => !wanted || one.name === wanted).map(({ name, steps, options }) => run(name, steps, options)),
    ...(wanted ? [] : [
        runClient('jsforce', 'node', [join(here, 'clients/jsforce.mjs'), clients]),
        runClient('simple-salesforce', join(clients, 'python/bin/python'), [join(here, 'clients/simple_salesforce_calls.py')]),
    ]),
]);
const failed = counts.reduce((sum, count) => sum + count, 0);
if (failed > 0) {
    console.log(`${failed} calls did not get what a real org answers`);
    process.exit(1);
}
