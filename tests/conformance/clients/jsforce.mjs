// The calls that people make with jsforce, against a local org.
//
//     node jsforce.mjs FOLDER_OF_NODE_MODULES   (SF_INSTANCE_URL and SF_ACCESS_TOKEN are set)

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const jsforce = createRequire(join(process.argv[2], 'package.json'))('jsforce');
const org = new jsforce.Connection({
    instanceUrl: process.env.SF_INSTANCE_URL,
    accessToken: process.env.SF_ACCESS_TOKEN,
    version: '66.0',
});

// A zip with one class, made by hand so that this script needs nothing else.
const zip = Buffer.from(process.env.ZIP, 'base64');
const options = { singlePackage: true, rollbackOnError: true };

const identity = await org.identity();
assert.equal(identity.username, 'local.admin@local.example');

const described = await org.sobject('Case').describe();
assert.equal(described.keyPrefix, '500');
assert.ok((await org.describeGlobal()).sobjects.some((object) => object.name === 'EmailMessage'));

const made = await org.sobject('Case').create({ Subject: 'From jsforce' });
assert.equal(made.success, true);
await org.sobject('Case').update({ Id: made.id, Status: 'Working' });
const one = await org.sobject('Case').retrieve(made.id);
assert.deepEqual([one.Subject, one.Status], ['From jsforce', 'Working']);
const many = await org.sobject('Contact').create([{ LastName: 'A' }, { FirstName: 'No last name' }]);
assert.deepEqual(many.map((result) => result.success), [true, false]);
assert.equal(many[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
const found = await org.query("SELECT Id, Subject FROM Case WHERE Subject LIKE 'From%' OR Subject = null");
assert.deepEqual(found.records.map((record) => record.Subject), ['From jsforce']);
assert.equal((await org.sobject('Case').find({ Status: 'Working' }).limit(5)).length, 1);
await assert.rejects(org.query('SELECT Nope FROM Case'), { errorCode: 'INVALID_FIELD' });
await org.sobject('Case').destroy(made.id);
await assert.rejects(org.sobject('Case').retrieve(made.id), { errorCode: 'NOT_FOUND' });

for (const deploy of [org.metadata.deploy(zip, options), org.metadata.deployRest(zip, options)]) {
    const result = await deploy.complete({ details: true });
    assert.deepEqual([result.status, String(result.success)], ['Succeeded', 'true']);
}
const failed = await org.metadata.deploy(Buffer.from('no zip'), options).complete({ details: true });
assert.deepEqual([failed.status, String(failed.success)], ['Failed', 'false']);
await assert.rejects(org.metadata.cancelDeploy(failed.id), /Deployment already completed/);
await assert.rejects(org.metadata.deployRecentValidation({ id: failed.id, rest: true }), /cannot be deployed/);
const unknown = '0Af000000000999AAA';
await assert.rejects(org.metadata.checkDeployStatus(unknown), { errorCode: 'sf:INVALID_CROSS_REFERENCE_KEY' });
const request = { unpackaged: { types: [{ name: 'ApexClass', members: ['Farewell'] }], version: '66.0' }, apiVersion: '66.0' };
const retrieved = await org.metadata.retrieve(request).complete();
assert.deepEqual([String(retrieved.success), retrieved.status], ['true', 'Succeeded']);
assert.ok(Buffer.from(retrieved.zipFile, 'base64').includes('unpackaged/classes/Farewell.cls'));
const listed = await org.metadata.list({ type: 'ApexClass' });
assert.equal([listed].flat()[0].fullName, 'Farewell');
const types = await org.metadata.describe();
assert.ok(types.metadataObjects.some((type) => type.xmlName === 'PermissionSet'));
assert.equal((await org.metadata.read('CustomPermission', 'Nowhere')).fullName, undefined);

const tooling = await org.tooling.query("SELECT Id, Name FROM ApexClass WHERE Name = 'Farewell'");
assert.equal(tooling.totalSize, 1);
const ran = await org.tooling.executeAnonymous("insert new Case(Subject = 'anonymous');");
assert.deepEqual([ran.compiled, ran.success], [true, true]);
const broken = await org.tooling.executeAnonymous('Integer count = missing;');
assert.deepEqual([broken.compiled, broken.compileProblem], [false, 'Variable does not exist: missing']);
assert.equal((await org.soap.getUserInfo()).userName, 'local.admin@local.example');
assert.ok(Date.parse((await org.soap.getServerTimestamp()).timestamp) > 0);
const byPassword = new jsforce.Connection({ loginUrl: process.env.SF_INSTANCE_URL, version: '66.0' });
await assert.rejects(byPassword.login('local.admin@local.example', 'guess'), /INVALID_LOGIN/);

const level = await org.tooling.sobject('DebugLevel').create({ DeveloperName: 'Js', MasterLabel: 'Js', ApexCode: 'FINEST' });
assert.equal(level.success, true);
const flag = { TracedEntityId: identity.user_id, LogType: 'USER_DEBUG', DebugLevelId: level.id };
await org.tooling.sobject('TraceFlag').create(flag);
await assert.rejects(org.tooling.sobject('TraceFlag').create(flag), { errorCode: 'FIELD_INTEGRITY_EXCEPTION' });
await org.tooling.executeAnonymous("System.debug('seen');");
const logs = await org.tooling.query('SELECT Id FROM ApexLog ORDER BY StartTime DESC LIMIT 1');
const log = await org.request(`/services/data/v66.0/tooling/sobjects/ApexLog/${logs.records[0].Id}/Body`);
assert.match(log, /\|USER_DEBUG\|\[1\]\|DEBUG\|seen/);
await org.tooling.sobject('ApexLog').destroy(logs.records[0].Id);
await org.tooling.sobject('DebugLevel').destroy(level.id);
assert.equal((await org.tooling.query('SELECT Id FROM TraceFlag')).totalSize, 0);
assert.equal((await org.limits()).DailyApiRequests.Max, 15000);
console.log('ok     jsforce');
