//! Answers that don't come from the org, as users of Salesforce's clients have seen them.

use super::{Canned, Retry};

const fn answer(status: u16, content_type: &'static str, body: &'static str) -> Canned {
    Canned {
        status,
        content_type,
        retry: None,
        location: None,
        body,
    }
}

const fn page(status: u16, body: &'static str) -> Canned {
    answer(status, "text/html;charset=UTF-8", body)
}

const fn json(status: u16, body: &'static str) -> Canned {
    answer(status, "application/json;charset=UTF-8", body)
}

const fn soap(status: u16, body: &'static str) -> Canned {
    answer(status, "text/xml;charset=UTF-8", body)
}

pub(super) const GATEWAY: Canned = page(
    502,
    "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>",
);
pub(super) const GATEWAY_503: Canned = page(
    503,
    "<html><head><title>503 Service Temporarily Unavailable</title></head></html>",
);
pub(super) const GATEWAY_504: Canned = page(
    504,
    "<html><head><title>504 Gateway Time-out</title></head></html>",
);
pub(super) const MAINTENANCE: Canned = page(
    503,
    "<html><body>We are down for maintenance. SERVER_UNAVAILABLE</body></html>",
);
pub(super) const LOGIN_PAGE: Canned = page(200, "<html><body>Login | Salesforce</body></html>");
pub(super) const BAD_MESSAGE: Canned = page(
    400,
    "<h1>Bad Message 400</h1><pre>reason: Bad Request</pre>",
);
pub(super) const HALF: Canned = json(200, r#"{"id":"0Af"#);
pub(super) const EMPTY_500: Canned = json(500, "");
pub(super) const UNKNOWN: Canned = json(
    500,
    r#"[{"message":"An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)","errorCode":"UNKNOWN_EXCEPTION"}]"#,
);
pub(super) const LATER: Canned = Canned {
    retry: Some(Retry::In(7)),
    ..page(503, "busy")
};
pub(super) const LATER_BY_DATE: Canned = Canned {
    retry: Some(Retry::At(9)),
    ..page(503, "busy")
};
pub(super) const TOO_MANY: Canned = Canned {
    retry: Some(Retry::In(2)),
    ..json(
        429,
        r#"[{"message":"Too many requests","errorCode":"429"}]"#,
    )
};
pub(super) const EXPIRED: Canned = json(
    401,
    r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
);
/// The same over SOAP.
pub(super) const EXPIRED_SOAP: Canned = soap(
    500,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
     xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Body><soapenv:Fault>\
     <faultcode>sf:INVALID_SESSION_ID</faultcode>\
     <faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader</faultstring>\
     </soapenv:Fault></soapenv:Body></soapenv:Envelope>",
);
pub(super) const UNKNOWN_SOAP: Canned = soap(
    500,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
     xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Body><soapenv:Fault>\
     <faultcode>sf:UNKNOWN_EXCEPTION</faultcode>\
     <faultstring>UNKNOWN_EXCEPTION: An unexpected error occurred.</faultstring>\
     </soapenv:Fault></soapenv:Body></soapenv:Envelope>",
);
/// A fault that comes with the number of a success.
pub(super) const NOT_ALLOWED_SOAP: Canned = soap(
    200,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
     xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Body><soapenv:Fault>\
     <faultcode>sf:INSUFFICIENT_ACCESS</faultcode>\
     <faultstring>INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the \
     ModifyAllData or ModifyMetadata permissions</faultstring>\
     </soapenv:Fault></soapenv:Body></soapenv:Envelope>",
);
pub(super) const JSON: Canned = json(200, r#"{"id":"09S"}"#);
pub(super) const XML: Canned = soap(200, "<?xml version=\"1.0\"?><versions/>");
pub(super) const NO_ID: Canned = json(201, r#"{"deployOptions":{}}"#);
pub(super) const ROW_LOCKED: Canned = json(
    400,
    r#"[{"message":"unable to obtain exclusive access to this record","errorCode":"UNABLE_TO_LOCK_ROW"}]"#,
);
pub(super) const LIMIT: Canned = json(
    403,
    r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#,
);
pub(super) const LOCKED: Canned = json(
    500,
    r#"[{"message":"The changes you requested require salesforce.com to temporarily lock your organization's administration setup. However, the administration setup has already been locked by another change. Please wait for the previous action to finish, then try again later.","errorCode":"ALREADY_IN_PROCESS"}]"#,
);
pub(super) const NOT_ALLOWED: Canned = json(
    403,
    r#"[{"message":"insufficient access rights on entity","errorCode":"INSUFFICIENT_ACCESS"}]"#,
);
/// From API 65 on (Metadata API guide, "cancelDeploy()").
pub(super) const COMMITTING: Canned = json(
    400,
    r#"[{"errorCode":"INVALID_ID_FIELD","message":"You cannot cancel the deployment while finalizing is in progress"}]"#,
);
pub(super) const AGED_OUT: Canned = json(
    404,
    r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#,
);
pub(super) const NO_ORG: Canned = page(420, "");
pub(super) const MOVED: Canned = Canned {
    location: Some("https://elsewhere.my.salesforce.com/"),
    ..page(301, "")
};
pub(super) const ODD_ID: Canned = json(
    500,
    r#"[{"message":"invalid cross reference id","errorCode":"INVALID_CROSS_REFERENCE_KEY"}]"#,
);

/// `Sforce-Limit-Info` of an org with hardly any requests left.
pub(super) const NEARLY_ALL: &str = "api-usage=14990/15000";

pub(super) const ODD_DATES: &[(&str, &str)] = &[
    (
        "\"createdDate\":\"2026",
        "\"createdDate\":\"the day before 2026",
    ),
    ("\"startDate\":\"2026", "\"startDate\":\"9999999"),
    ("\"completedDate\":\"2026", "\"completedDate\":\"-1"),
];

/// Never out of the queue.
pub(super) const PENDING: &[(&str, &str)] = &[
    ("\"done\":true", "\"done\":false"),
    ("\"Succeeded\"", "\"Pending\""),
    ("\"InProgress\"", "\"Pending\""),
];

/// Fewer and fewer components, while it goes on.
pub(super) const COUNTERS: &[(&str, &str)] = &[
    ("\"numberComponentsTotal\":1", "\"numberComponentsTotal\":0"),
    (
        "\"numberComponentsDeployed\":0",
        "\"numberComponentsDeployed\":9",
    ),
];

/// As a deploy at its end is called from API 65 on.
pub(super) const FINALIZING: &[(&str, &str)] = &[
    ("\"Pending\"", "\"FinalizingDeploy\""),
    ("\"InProgress\"", "\"FinalizingDeploy\""),
];

/// What the last step of a deploy is called when it fails.
pub(super) const FINALIZING_FAILED: &[(&str, &str)] = &[
    ("\"success\":true", "\"success\":false"),
    ("\"Succeeded\"", "\"FinalizingDeployFailed\""),
];

/// Without the word that says whether it is over.
pub(super) const WITHOUT_DONE: &[(&str, &str)] = &[("\"done\":", "\"isDone\":")];

/// A mark before the answers to a batch.
pub(super) const MARKED: &[(&str, &str)] = &[("{\"hasErrors\":", "\u{feff}{\"hasErrors\":")];

/// Failed, and nothing is said to be wrong.
pub(super) const NO_REASON: &[(&str, &str)] = &[
    ("\"success\":true", "\"success\":false"),
    ("\"Succeeded\"", "\"Failed\""),
];

pub(super) const FAILURES: &[(&str, &str)] =
    &[("\"numberComponentErrors\":0", "\"numberComponentErrors\":2")];

pub(super) const PARTIAL: &[(&str, &str)] = &[("\"Succeeded\"", "\"SucceededPartial\"")];

/// Rows of what nobody sent, twice, with a remark that would steer a terminal.
pub(super) const OTHERS: &[(&str, &str)] = &[(
    "\"componentSuccesses\":[",
    "\"componentSuccesses\":[\
     {\"componentType\":\"ApexClass\",\"fullName\":\"AcmeOrders\",\"success\":true,\
      \"problemType\":\"Warning\",\"problem\":\"old \\u001b[2J\\u202eversion\"},\
     {\"componentType\":\"ApexClass\",\"fullName\":\"AcmeOrders\",\"success\":true,\
      \"problemType\":\"Warning\",\"problem\":\"old \\u001b[2J\\u202eversion\"},",
)];
