"""The calls that people make with simple-salesforce, against a local org.

    python simple_salesforce_calls.py   (SF_INSTANCE_URL, SF_ACCESS_TOKEN and ZIP_FILE are set)
"""

import io
import os
import time
import zipfile

import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound


class Plain(requests.Session):
    """Speaks http: the library takes https for granted in every address that it makes."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://", "http://", 1), *args, **kwargs)


org = Salesforce(
    instance_url=os.environ["SF_INSTANCE_URL"],
    session_id=os.environ["SF_ACCESS_TOKEN"],
    version="64.0",
    session=Plain(),
)

assert any(item["name"] == "Case" for item in org.describe()["sobjects"])
assert org.Case.describe()["keyPrefix"] == "500"
made = org.Contact.create({"LastName": "Lovelace"})
assert made["success"] is True
assert org.Contact.update(made["id"], {"FirstName": "Ada"}) == 204
assert org.Contact.get(made["id"])["Name"] == "Ada Lovelace"
assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == 1
assert [row["LastName"] for row in org.query_all_iter("SELECT LastName FROM Contact")] == ["Lovelace"]
assert org.Contact.delete(made["id"]) == 204
try:
    org.Contact.get(made["id"])
    raise SystemExit("a deleted record was found")
except SalesforceResourceNotFound as error:
    assert error.content[0]["errorCode"] == "NOT_FOUND"
try:
    org.query("SELECT Id FRM Case")
    raise SystemExit("a malformed query was taken")
except SalesforceMalformedRequest as error:
    assert error.content[0]["errorCode"] == "MALFORMED_QUERY"
assert org.toolingexecute("query?q=SELECT+Name+FROM+ApexClass")["size"] == 0
assert org.limits()["DailyApiRequests"]["Max"] == 15000

deployed = org.deploy(os.environ["ZIP_FILE"], sandbox=True, testLevel="NoTestRun", rollbackOnError=True, singlePackage=True)
for _ in range(100):
    status = org.checkDeployStatus(deployed["asyncId"])
    if status["state"] not in ("Pending", "InProgress"):
        break
    time.sleep(0.05)
assert status["state"] == "Succeeded", status
assert [row["Name"] for row in org.toolingexecute("query?q=SELECT+Name+FROM+ApexClass")["records"]] == ["Farewell"]
ran = org.toolingexecute("executeAnonymous/?anonymousBody=System.debug(1)%3B")
assert (ran["compiled"], ran["success"]) == (True, True)
refused = org.deploy(os.environ["ZIP_FILE"], sandbox=True, testLevel="RunSpecifiedTests", tests=["Nowhere"], rollbackOnError=True, singlePackage=True)
for _ in range(100):
    status = org.checkDeployStatus(refused["asyncId"])
    if status["state"] not in ("Pending", "InProgress"):
        break
    time.sleep(0.05)
assert (status["state"], status["unit_test_detail"]["errors"][0]["class"]) == ("Failed", "Nowhere"), status
asked = org.mdapi.retrieve("", single_package=True, unpackaged={"ApexClass": ["Farewell"]})
for _ in range(100):
    state, problem, messages = org.mdapi.check_retrieve_status(asked[0])
    if state not in ("Pending", "InProgress"):
        break
    time.sleep(0.05)
assert (state, problem, messages) == ("Succeeded", None, []), (state, problem, messages)
state, problem, messages, zipped = org.mdapi.retrieve_zip(asked[0])
assert b"classes/Farewell.cls" in zipped

# By the WSDL that the library brings, and a client that reads answers by its types.
by_wsdl = Salesforce(instance_url=org.base_url.split("/services")[0], session_id=org.session_id, version="64.0", session=Plain())
by_wsdl.metadata_url = by_wsdl.metadata_url.replace("https://", "http://", 1)
api = by_wsdl.mdapi
query = api._client.get_type("ns0:ListMetadataQuery")
assert [item.fullName for item in api.list_metadata([query(type="ApexClass")])] == ["Farewell"]
described = {item.xmlName: item for item in api.describe_metadata().metadataObjects}
assert (described["ApexClass"].suffix, described["ApexClass"].metaFile) == ("cls", True)
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as package:
    package.writestr(
        "package.xml",
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Waving</members>'
        "<name>CustomPermission</name></types><version>64.0</version></Package>",
    )
    package.writestr(
        "customPermissions/Waving.customPermission",
        '<CustomPermission xmlns="http://soap.sforce.com/2006/04/metadata"><description>May wave</description>'
        "<isLicensed>false</isLicensed><label>Waving</label></CustomPermission>",
    )
packed.seek(0)
deployed = by_wsdl.deploy(packed, sandbox=True, testLevel="NoTestRun", rollbackOnError=True, singlePackage=True)
for _ in range(100):
    status = by_wsdl.checkDeployStatus(deployed["asyncId"])
    if status["state"] not in ("Pending", "InProgress"):
        break
    time.sleep(0.05)
assert status["state"] == "Succeeded", status
there = api.CustomPermission.read(["Waving"])
assert (there.fullName, there.label, there.isLicensed) == ("Waving", "Waving", False), there
several = api.CustomPermission.read(["Nowhere", "Waving"])
assert several[1].description == "May wave" and getattr(several[0], "label", None) is None, several
print("ok     simple-salesforce")
