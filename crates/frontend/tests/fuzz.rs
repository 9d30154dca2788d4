//! Bodies for outside bytes, replayed over damaged seeds: bounded, and the same on every run.

use reasmory_frontend::payload::{Data, Tensor, encode, fuzz_payload};

/// Bytes with a few changed, cut or repeated.
fn damaged(seed: &[u8], state: &mut u64) -> Vec<u8> {
    let mut next = || {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (*state >> 33) as usize
    };
    let mut bytes = seed.to_vec();
    for _ in 0..1 + next() % 4 {
        // The head is where sizes and offsets stand.
        let most = if next() % 3 == 0 { bytes.len() } else { bytes.len().min(200) };
        let at = next() % most.max(1);
        match next() % 5 {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), next() as u8),
            2 => {
                let part: Vec<u8> = bytes.iter().copied().skip(at).take(next() % 16).collect();
                bytes.splice(at.min(bytes.len())..at.min(bytes.len()), part);
            }
            _ => {
                if let Some(b) = bytes.get_mut(at) {
                    *b = if next() % 2 == 0 { b'0' + (next() % 10) as u8 } else { next() as u8 };
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// A stored NumPy array of 2 × 2 floats in an archive without compression.
fn npz() -> Vec<u8> {
    let mut head = b"\x93NUMPY\x01\x00".to_vec();
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }          \n";
    head.extend((text.len() as u16).to_le_bytes());
    head.extend(text.bytes());
    head.extend([1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|v| v.to_le_bytes()));
    let crc = head.iter().fold(!0u32, |c, b| {
        (0..8).fold(c ^ u32::from(*b), |c, _| (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg()))
    });
    let name = b"depth.npy";
    let mut middle = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    middle.extend((!crc).to_le_bytes());
    middle.extend([(head.len() as u32).to_le_bytes(); 2].as_flattened());
    middle.extend((name.len() as u16).to_le_bytes());
    let mut out = b"PK\x03\x04".to_vec();
    out.extend(&middle);
    out.extend([0, 0]);
    out.extend(name);
    out.extend(&head);
    let start = out.len() as u32;
    out.extend(b"PK\x01\x02\x14\x00");
    out.extend(&middle);
    out.extend([0; 12]);
    out.extend([0; 4]);
    out.truncate(start as usize + 4 + 2 + middle.len());
    out.extend([0; 16]);
    out.extend(name);
    let size = out.len() as u32 - start;
    out.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn payloads_of_any_bytes_are_read_or_refused() {
    let depth = Tensor { shape: vec![2, 3], data: Data::Floats(vec![1.0; 6]) };
    let mask = Tensor { shape: vec![4], data: Data::Bytes(vec![0, 1, 1, 0]) };
    let safe = encode([("depth", &depth), ("mask", &mask)]);
    let mut state = 11;
    for seed in [safe, npz()] {
        fuzz_payload(&seed);
        for i in 0..seed.len() {
            fuzz_payload(&seed[..i]);
        }
        for _ in 0..4000 {
            fuzz_payload(&damaged(&seed, &mut state));
        }
    }
}
