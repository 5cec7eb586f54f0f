//! `multipart/form-data`, as REST deploys and some OAuth clients send it.

use http_body_util::{BodyDataStream, Full};
use hyper::body::Bytes;

use super::super::rest::Part;

/// The parts of a body, in order; what comes after a malformed part is left out.
pub async fn parts(body: Bytes, boundary: String) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut reader = multer::Multipart::new(BodyDataStream::new(Full::new(body)), boundary);
    while let Ok(Some(field)) = reader.next_field().await {
        let name = field.name().unwrap_or_default().to_owned();
        let json = field
            .content_type()
            .is_some_and(|kind| kind.subtype() == "json");
        let Ok(content) = field.bytes().await else {
            break;
        };
        parts.push(Part {
            name,
            json,
            content: content.to_vec(),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: Vec<u8>) -> Vec<Part> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(parts(Bytes::from(body), "B".to_owned()))
    }

    #[test]
    fn reads_parts_in_order() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.zip\"\r\n\
                    Content-Type: application/zip\r\n\r\nPK\r\n--B\r\n\
                    Content-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--B--\r\n";
        let parts = read(body.as_bytes().to_vec());
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (
                parts[0].name.as_str(),
                parts[0].json,
                parts[0].content.as_slice()
            ),
            ("file", false, &b"PK"[..])
        );
        assert_eq!(
            (
                parts[1].name.as_str(),
                parts[1].json,
                parts[1].content.as_slice()
            ),
            ("json", true, &b"{}"[..])
        );
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(body);
        }

        #[test]
        fn never_panics_on_almost_multipart(body in "(--B|\r\n|name=\"x\"|Content-Disposition: form-data; |\\PC){0,20}") {
            let _ = read(body.into_bytes());
        }
    }
}
