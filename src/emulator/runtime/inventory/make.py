#!/usr/bin/env python3
"""Writes classes.txt and objects.txt beside this script: names of the platform's classes, members and sObjects.

Only names and numbers of parameters are read, with `javap`, from the type stubs of apex-dev-tools (BSD-3-Clause), which
the npm package @salesforce/code-analyzer-pmd-engine carries as standard-types-*.jar and sobject-types-*.jar.

usage: make.py STANDARD_TYPES.jar SOBJECT_TYPES.jar
"""
import collections, pathlib, re, subprocess, sys, zipfile

ROOT = "com.nawforce.runforce."
HERE = pathlib.Path(__file__).parent
# namespaces whose members are listed; of the others only the classes' names
LISTED = """System Database Schema Messaging eventbus cache dom Process Approval Invocable
    Compression FormulaEval""".split()
# the objects whose children are listed too
PARENTS = "Account Case Contact EmailMessage Lead Opportunity".split()
# fields of which there are hundreds; every name that begins like this is taken as one
MANY = ("Permissions", "UserPermissions", "UserPreferences")
# long lists of constants
UNLISTED = ["Schema.SoapType", "System.StatusCode"]
# what is newer than the stubs (Apex Reference Guide)
ADDED = {
    "System.Limits": """getApexCursors getApexPaginationCursorRows getApexPaginationCursors getLimitApexCursors
        getLimitApexPaginationCursorRows getLimitApexPaginationCursors""".split(),
}
SKIPPED = ["Internal", "Component", "SObjects", "SObjectStubs"]
# the objects whose fields and parents, but not children, are listed; of the others only the names
OBJECTS = """Account AccountContactRelation AggregateResult ApexClass ApexTrigger Asset AsyncApexJob Attachment BusinessHours
    Campaign CampaignMember Case CaseComment CaseStatus CaseTeamMember Contact ContentDocument ContentDocumentLink
    ContentVersion Contract CronTrigger CustomPermission EmailMessage EmailMessageRelation EmailTemplate Event
    FeedItem Group GroupMember Lead Name Opportunity Order OrgWideEmailAddress Organization PermissionSet
    PermissionSetAssignment Product2 Profile QueueSobject RecordType Task User
    UserRole""".split()


def run_javap(jars, names):
    for start in range(0, len(names), 400):
        command = ["javap", "-public", "-cp", ":".join(jars), *(ROOT + name for name in names[start : start + 400])]
        yield subprocess.run(command, capture_output=True, text=True, check=True).stdout


def classes_of(text):
    """(name, superclass, fields, methods) of each class that javap prints"""
    for block in re.split(r"^Compiled from .*\n", text, flags=re.M)[1:]:
        head, *members = block.splitlines()
        name = re.search(r"(?:class|interface) " + re.escape(ROOT) + r"([\w.$]+)", head).group(1)
        parent = re.search(r" extends " + re.escape(ROOT) + r"([\w.]+)", head) if " class " in head else None
        fields, methods = [], collections.defaultdict(list)
        for member in members:
            member = member.strip().rstrip(";")
            found = re.search(r"([\w.$]+)\((.*)\)$", member)
            if found:
                method, parameters = found.group(1), found.group(2)
                count = 0 if not parameters else parameters.count(",") + 1
                is_new = method.endswith("." + name.split(".")[-1]) or method == ROOT + name
                methods["<init>" if is_new else method.split(".")[-1].rstrip("$")].append(count)
            elif " " in member and (not "[] " in member or name.split(".")[-1] in PARENTS):
                fields.append(member.split()[-1].rstrip("$"))
        yield name, parent and parent.group(1), fields, methods


def strip_generics(text):
    while re.search(r"<[^<>]*>", text):
        text = re.sub(r"<[^<>]*>", "", text)
    return text


def entries(jar, folders=None):
    names = []
    for path in zipfile.ZipFile(jar).namelist():
        if path.endswith(".class") and path.startswith(ROOT.replace(".", "/")):
            namespace, name = path[len(ROOT) : -6].split("/")[-2:]
            if folders is None or namespace in folders:
                names.append((namespace, name))
    return sorted(names)


def is_listed(namespace, name):
    return namespace in LISTED and f"{namespace}.{name}" not in UNLISTED


def classes(standard):
    found = [(n, c) for n, c in entries(standard) if n not in SKIPPED]
    listed = [f"{n}.{c}" for n, c in found if is_listed(n, c)]
    lines = []
    for text in run_javap([standard], listed):
        for name, parent, fields, methods in classes_of(strip_generics(text)):
            words = [name.replace("$", ".")]
            methods.update({method: [0] for method in ADDED.get(words[0], [])})
            if parent:
                words.append("<" + parent)
            words += sorted(set(fields))
            words += [f"{m}/{','.join(map(str, sorted(counts)))}" for m, counts in sorted(methods.items())]
            lines.append(" ".join(words))
    by_namespace = collections.defaultdict(list)
    for namespace, name in found:
        if not is_listed(namespace, name):
            by_namespace[namespace].append(name.replace("$", "."))
    lines += [f"*{namespace} {' '.join(names)}" for namespace, names in sorted(by_namespace.items())]
    return lines


def objects(standard, sobjects):
    names = {name for _, name in entries(sobjects) if "$" not in name}
    names |= {name for _, name in entries(standard, ["SObjectStubs"]) if "$" not in name}
    derived = ["Feed", "History", "Share", "ChangeEvent", "__hd"]
    plain = sorted(n for n in names if not any(n.endswith(d) and n[: -len(d)] in names for d in derived))
    lines = []
    listed = [f"SObjects.{name}" for name in OBJECTS if name in names]
    for text in run_javap([sobjects, standard], listed):
        for name, _, fields, _ in classes_of(strip_generics(text)):
            fields = sorted(f for f in set(fields) - {"SObjectType", "Fields"} if not f.startswith(MANY))
            lines.append(" ".join([name.split(".")[-1], *fields]))
    return sorted(lines) + ["* " + " ".join(n for n in plain if n not in OBJECTS)]


def write(name, lines, what):
    head = f"# {what}: names and numbers of parameters. Made by make.py; see there.\n"
    (HERE / name).write_text(head + "\n".join(lines) + "\n")


standard, sobjects = sys.argv[1:3]
write("classes.txt", classes(standard), "The platform's classes and their members")
write("objects.txt", objects(standard, sobjects), "Standard sObjects and their fields")
