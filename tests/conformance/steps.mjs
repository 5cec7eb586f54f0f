// The commands, in the order in which somebody would type them.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A step: its name is that of the file in `expected`. `always` are those that others need. */
const step = (name, args, more = {}) => ({
    name,
    args: typeof args === 'function' ? args : () => (Array.isArray(args) ? args : args.split(' ')),
    ...more,
});

const login = step(
    'login',
    ({ url }) => ['org', 'login', 'access-token', '--instance-url', url, '--no-prompt', '--alias', 'local'],
    { always: true },
);

const query = (text, ...more) => ['data', 'query', '--query', text, ...more];
const id = (json) => json.result?.id;
const validate = 'project deploy validate --source-dir force-app --test-level RunSpecifiedTests --tests GreetingTest --wait 2';

/** Files of the project as one run needs them. */
const write = (path, text) => (work) => writeFileSync(join(work, path), text);

const deploy = step('deploy', 'project deploy start --source-dir force-app --wait 2', { always: true });

const accessAndDeploys = [
    login,
    step('login-refused', ({ url }) => ['org', 'login', 'access-token', '--instance-url', url, '--no-prompt', '--alias', 'other'], {
        env: { SF_ACCESS_TOKEN: '00D000000000001!not.a.session' },
    }),
    step('display', 'org display'),
    step('display-unknown', 'org display --target-org nobody'),
    step('limits', 'org list limits'),
    step('limits-unknown', 'org list limits --target-org nobody'),
    step('list-metadata-types', 'org list metadata-types'),
    step('preview', 'project deploy preview --source-dir force-app'),
    // Of a folder that is missing `sf` says one of two errors, whichever it meets first.
    step('preview-untracked', 'project deploy preview'),
    deploy,
    step('deploy-unchanged', 'project deploy start --source-dir force-app/main/default/classes/Greeting.cls --wait 2'),
    step('deploy-broken', 'project deploy start --source-dir force-app --wait 2', { in: 'broken' }),
    step('deploy-metadata-dir', 'project deploy start --metadata-dir metadata --wait 2'),
    step('deploy-metadata-dir-missing', 'project deploy start --metadata-dir nowhere --wait 2'),
    step('deploy-single-package', 'project deploy start --metadata-dir metadata --single-package --wait 2'),
    step('deploy-rest', 'project deploy start --source-dir force-app --wait 2', { env: { SF_ORG_METADATA_REST_DEPLOY: 'true' } }),
    step('deploy-failing-test', [
        'project', 'deploy', 'start', '--source-dir', 'force-app', '--test-level', 'RunSpecifiedTests', '--tests', 'GreetingWrongTest', '--wait', '2',
    ]),
    step('report', ({ seen }) => ['project', 'deploy', 'report', '--job-id', id(seen.deploy)]),
    step('report-unknown', 'project deploy report --job-id 0Af000000000999AAA'),
    step('validate', validate, { always: true }),
    step('validate-failing-test', [
        'project', 'deploy', 'validate', '--source-dir', 'force-app', '--test-level', 'RunSpecifiedTests', '--tests', 'GreetingWrongTest', '--wait', '2',
    ]),
    step('quick', ({ seen }) => ['project', 'deploy', 'quick', '--job-id', id(seen.validate), '--wait', '2']),
    step('quick-not-validated', ({ seen }) => ['project', 'deploy', 'quick', '--job-id', id(seen.deploy)]),
    step('start-async', 'project deploy start --source-dir force-app --async', { always: true }),
    step('resume', ({ seen }) => ['project', 'deploy', 'resume', '--job-id', id(seen['start-async']), '--wait', '2']),
    step('resume-unknown', 'project deploy resume --job-id 0Af000000000999AAA --wait 2'),
    step('cancel-completed', ({ seen }) => ['project', 'deploy', 'cancel', '--job-id', id(seen.deploy)]),
    step('retrieve', 'project retrieve start --metadata ApexClass:Greeting'),
    step('retrieve-missing', 'project retrieve start --metadata ApexClass:Nowhere'),
    step('retrieve-metadata-dir', 'project retrieve start --metadata ApexTrigger --target-metadata-dir retrieved'),
    step('list-metadata', 'org list metadata --metadata-type ApexClass'),
    step('list-metadata-empty', 'org list metadata --metadata-type CustomPermission'),
    step('list-metadata-unknown', 'org list metadata --metadata-type Nope'),
];

const records = [
    step('create-record', 'data create record --sobject Case --values Origin=Email', { always: true }),
    step('create-record-contact', ['data', 'create', 'record', '--sobject', 'Contact', '--values', "LastName='Lovelace' FirstName='Ada'"]),
    step('create-record-incomplete', 'data create record --sobject Contact --values FirstName=Ada'),
    step('create-record-unknown-field', 'data create record --sobject Case --values Nope=1'),
    step('create-record-unknown-object', 'data create record --sobject Nope__c --values Name=1'),
    step('update-record', ({ seen }) => [
        'data', 'update', 'record', '--sobject', 'Case', '--record-id', id(seen['create-record']), '--values', 'Status=Working',
    ]),
    step('get-record', ({ seen }) => ['data', 'get', 'record', '--sobject', 'Case', '--record-id', id(seen['create-record'])]),
    step('query', query('SELECT CaseNumber, Subject, Status, CreatedBy.Name FROM Case ORDER BY CaseNumber')),
    step('query-or-like', query("SELECT Name FROM ApexClass WHERE (Name LIKE 'Greeting%' OR Name = 'Other') AND NOT Name LIKE '%Test' ORDER BY Name DESC LIMIT 2")),
    step('query-count', query('SELECT COUNT() FROM Contact')),
    step('query-grouped', query('SELECT Status, COUNT(Id) total, MIN(CaseNumber) FROM Case WHERE CreatedDate = TODAY GROUP BY Status ORDER BY COUNT(Id) DESC')),
    step('query-ungrouped', query('SELECT Status, COUNT(Id) FROM Case')),
    step('query-children', query('SELECT CaseNumber, (SELECT Subject FROM EmailMessages) FROM Case')),
    step('query-having', query('SELECT Status, COUNT(Id) FROM Case GROUP BY Status HAVING COUNT(Id) > 5')),
    step('query-in-query', query("SELECT c.CaseNumber, c.Owner.Name FROM Case c WHERE c.Id NOT IN (SELECT ParentId FROM EmailMessage)")),
    step('query-fields', query('SELECT FIELDS(ALL) FROM Contact')),
    step('query-twice', query('SELECT Id, Id FROM Case')),
    step('query-tooling-invalid-field', query('SELECT Nope FROM ApexTrigger', '--use-tooling-api')),
    step('create-tooling-record', ['data', 'create', 'record', '--use-tooling-api', '--sobject', 'DebugLevel',
        '--values', 'DeveloperName=Trace MasterLabel=Trace ApexCode=FINEST']),
    step('create-tooling-record-refused', ['data', 'create', 'record', '--use-tooling-api', '--sobject', 'DebugLevel',
        '--values', 'DeveloperName=Loud MasterLabel=Loud ApexCode=LOUD']),
    step('query-tooling', query('SELECT Name, TableEnumOrId, UsageBeforeInsert FROM ApexTrigger', '--use-tooling-api')),
    step('query-malformed', query('SELECT Id FRM Case')),
    step('query-invalid-type', query('SELECT Id FROM Nope')),
    step('query-invalid-field', query('SELECT Nope FROM Case')),
    step('query-invalid-filter', query("SELECT Id FROM Case WHERE CreatedDate > 'x'")),
    step('delete-record', ({ seen }) => ['data', 'delete', 'record', '--sobject', 'Case', '--record-id', id(seen['create-record'])]),
    step('delete-record-again', ({ seen }) => ['data', 'delete', 'record', '--sobject', 'Case', '--record-id', id(seen['create-record'])]),
    step('describe-sobject', 'sobject describe --sobject Case', {
        shown: (json) => ({ status: json.status, name: json.result?.name, keyPrefix: json.result?.keyPrefix,
            fields: json.result?.fields.map((field) => `${field.name} ${field.type}`) }),
    }),
    step('list-sobjects', 'sobject list --sobject all'),
];

const apex = [
    step('apex-run', 'apex run --file ok.apex', {
        before: write('project/ok.apex', "insert new Case(SuppliedName = 'Ada');\nSystem.debug('made ' + [SELECT Subject FROM Case].Subject);\n"),
        shown: withoutUsage,
    }),
    step('apex-run-kept', query("SELECT Subject FROM Case WHERE SuppliedName = 'Ada'")),
    step('apex-run-broken', 'apex run --file broken.apex', {
        before: write('project/broken.apex', 'Integer count = missing;\n'),
    }),
    step('apex-run-exception', 'apex run --file throws.apex', {
        before: write('project/throws.apex', 'Integer none = 0;\nInteger all = 1 / none;\n'),
        shown: withoutUsage,
    }),
    step('apex-list-log', 'apex list log', { shown: (json) => json.result?.map((log) => [log.Status, log.Operation]) }),
    step('apex-get-log-unknown', 'apex get log --log-id 07L000000000999AAA'),
    step('apex-get-log', 'apex get log --number 1', {
        shown: (json) => ({ ...json, result: json.result?.map(({ log }) => withoutUsage({ logs: log }).logs) }),
    }),
];

/** The log without the figures of the limits, which are not the org's answer but the runtime's own. */
function withoutUsage(json) {
    const cut = (text) => text?.replace(/\n\d\d:\d\d:\d\d\.\d+ \(\d+\)\|CUMULATIVE_LIMIT_USAGE[\s\S]*?CUMULATIVE_LIMIT_USAGE_END\n/g, '\n');
    const copy = structuredClone(json);
    for (const place of [copy, copy.result, copy.data]) if (place?.logs) place.logs = cut(place.logs);
    return copy;
}

/** A class that no test touches. */
const unused = (work) => {
    const classes = join(work, 'project/force-app/main/default/classes');
    const lines = Array.from({ length: 12 }, (_, line) => `        total += ${line};\n`).join('');
    writeFileSync(join(classes, 'Unused.cls'), `public class Unused {\n    public static Integer sum() {\n        Integer total = 0;\n${lines}        return total;\n    }\n}\n`);
    writeFileSync(join(classes, 'Unused.cls-meta.xml'), readFileSync(join(classes, 'Greeting.cls-meta.xml')));
};

const tests = [
    step('test-synchronous', 'apex run test --tests GreetingTest --synchronous --result-format json'),
    step('test-failing', 'apex run test --tests GreetingWrongTest --wait 2 --result-format json'),
    step('test-coverage', 'apex run test --class-names GreetingTest --code-coverage --wait 2 --result-format json'),
    step('test-unknown', 'apex run test --class-names Nowhere --wait 2 --result-format json'),
    // A test run of a user whose trace flag is set leaves a log for each class.
    step('trace-level', ['data', 'create', 'record', '--use-tooling-api', '--sobject', 'DebugLevel',
        '--values', 'DeveloperName=Traced MasterLabel=Traced ApexCode=FINE System=FINE Callout=INFO'], { always: true }),
    step('trace-user', query("SELECT Id, Alias, UserType FROM User WHERE Name = 'Local Admin'"), { always: true }),
    step('trace-flag', ({ seen }) => ['data', 'create', 'record', '--use-tooling-api', '--sobject', 'TraceFlag', '--values',
        `TracedEntityId=${seen['trace-user'].result?.records[0].Id} LogType=USER_DEBUG DebugLevelId=${id(seen['trace-level'])}`], { always: true }),
    step('test-logged', 'apex run test --class-names GreetingTest --wait 2 --result-format json', { always: true }),
    step('test-log-of-result', query('SELECT ApexClass.Name, ApexLog.Operation, ApexLog.Status FROM ApexTestResult WHERE ApexLogId != null',
        '--use-tooling-api')),
    step('test-get-log', 'apex get log --number 1', {
        shown: (json) => ({ ...json, result: json.result?.map(({ log }) => withoutUsage({ logs: log }).logs) }),
    }),
];

const deletions = [
    step('delete-used', 'project delete source --metadata ApexClass:Greeting --no-prompt --wait 2'),
    step('delete', 'project delete source --metadata ApexClass:GreetingWrongTest --no-prompt --wait 2'),
    step('delete-unknown', 'project delete source --metadata ApexClass:Nowhere --no-prompt --wait 2'),
    step('delete-gone', 'project deploy start --metadata-dir deletion --wait 2'),
];

export const RUNS = [
    { name: 'developer', steps: accessAndDeploys },
    { name: 'records', steps: [login, deploy, ...records] },
    { name: 'apex', steps: [login, deploy, ...apex, ...tests, ...deletions] },
    {
        name: 'production',
        options: ['--org-kind', 'production'],
        steps: [
            login,
            step('deploy-no-tests', 'project deploy start --source-dir force-app --test-level NoTestRun --wait 2'),
            step('validate', validate, { always: true }),
            step('quick', ({ seen }) => ['project', 'deploy', 'quick', '--job-id', id(seen.validate), '--wait', '2']),
            step('deploy-too-little-coverage', [
                'project', 'deploy', 'start', '--metadata', 'ApexClass:Unused', '--test-level', 'RunSpecifiedTests', '--tests', 'GreetingTest', '--wait', '2',
            ], { before: unused }),
            step('deploy-partial', 'project deploy start --source-dir force-app --ignore-errors --wait 2'),
        ],
    },
    {
        name: 'busy',
        options: ['--condition', 'deploy-queue-busy'],
        steps: [
            login,
            step('start-async', 'project deploy start --source-dir force-app --async', { always: true }),
            step('report-pending', ({ seen }) => ['project', 'deploy', 'report', '--job-id', id(seen['start-async'])]),
            step('cancel', ({ seen }) => ['project', 'deploy', 'cancel', '--job-id', id(seen['start-async']), '--wait', '2']),
        ],
    },
];
