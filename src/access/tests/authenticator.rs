//! An authenticator for tests: makes passkeys and answers with them, also wrongly.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value as Json, json};

/// One passkey of ES256, held by something that verifies its person unless told otherwise.
pub(super) struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    handle: String,
    pub(super) origin: String,
    pub(super) site: String,
    pub(super) flags: u8,
    pub(super) count: u32,
}

/// Somebody was there and was verified.
const PRESENT_AND_VERIFIED: u8 = 0b101;
const HAS_CREDENTIAL: u8 = 0b0100_0000;

impl Authenticator {
    pub(super) fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).unwrap(),
            id: vec![number; 32],
            handle: String::new(),
            origin: "https://healthflow.example".to_owned(),
            site: "healthflow.example".to_owned(),
            flags: PRESENT_AND_VERIFIED,
            count: 1,
        }
    }

    /// The answer to `options` for making a passkey.
    pub(super) fn make(&mut self, options: &Json) -> Json {
        let options = inner(options);
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.handle);
        let point = self.key.verifying_key().to_encoded_point(false);
        // COSE: EC2, ES256, P-256, x, y.
        let mut cose = vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
        cose.extend_from_slice(point.x().unwrap());
        cose.extend_from_slice(&[0x22, 0x58, 32]);
        cose.extend_from_slice(point.y().unwrap());
        let mut data = self.data(HAS_CREDENTIAL);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&cose);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = vec![0xa3, 0x63];
        object.extend_from_slice(b"fmt");
        object.push(0x64);
        object.extend_from_slice(b"none");
        object.push(0x67);
        object.extend_from_slice(b"attStmt");
        object.extend_from_slice(&[0xa0, 0x68]);
        object.extend_from_slice(b"authData");
        object.extend_from_slice(&[0x58, u8::try_from(data.len()).unwrap()]);
        object.extend_from_slice(&data);
        let response = json!({
            "clientDataJSON": self.client_data("webauthn.create", options),
            "attestationObject": BASE64URL_NOPAD.encode(&object),
            "transports": ["internal"],
        });
        self.credential(response)
    }

    /// The answer to `options` for using it.
    pub(super) fn answer(&mut self, options: &Json) -> Json {
        self.count += 1;
        let client_data = self.client_data("webauthn.get", inner(options));
        let data = self.data(0);
        let raw = BASE64URL_NOPAD.decode(client_data.as_bytes()).unwrap();
        let signed = [&data[..], &sha256_of(&raw)].concat();
        let signature: Signature = self.key.sign(&signed);
        let response = json!({
            "clientDataJSON": client_data,
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "signature": BASE64URL_NOPAD.encode(signature.to_der().as_bytes()),
            "userHandle": self.handle,
        });
        self.credential(response)
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = sha256_of(self.site.as_bytes()).to_vec();
        data.push(self.flags | flags);
        data.extend_from_slice(&self.count.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Json) -> String {
        let challenge = options["challenge"].as_str().unwrap();
        let text = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        BASE64URL_NOPAD.encode(text.to_string().as_bytes())
    }

    fn credential(&self, response: Json) -> Json {
        let id = BASE64URL_NOPAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "response": response,
            "clientExtensionResults": {}, "authenticatorAttachment": "platform",
        })
    }
}

/// What the browser is given: below `publicKey`, if it is there.
fn inner(options: &Json) -> &Json {
    options.get("publicKey").unwrap_or(options)
}

fn sha256_of(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}
