//! Components, written byte by byte: as text, those of a million instructions would take minutes to read.

/// All exports that a plugin has, with nothing behind them, so that what comes next is compiled.
const EXPORTS: &str = r#"(component $empty) (instance $hollow (instantiate $empty))
    (export "exhibit:plugin/catalog@0.2.0" (instance $hollow))
    (export "exhibit:plugin/collection@0.2.0" (instance $hollow))
    (export "exhibit:plugin/testing@0.2.0" (instance $hollow))
    (export "exhibit:plugin/types@0.2.0" (instance $hollow))"#;

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const I64: u8 = 0x7e;
const CORE_MODULE: u8 = 1;

/// As LEB128.
pub(super) fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

pub(super) fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], &leb(content.len())[..], content].concat()
}

/// A section of so many equal entries.
pub(super) fn repeated(id: u8, entry: &[u8], count: usize) -> Vec<u8> {
    section(id, &[leb(count), entry.repeat(count)].concat())
}

pub(super) fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [MODULE, &sections.concat()].concat()
}

/// As text, with the exports of a plugin.
pub(super) fn text(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {text} {EXPORTS})")).expect("a component")
}

/// With the exports of a plugin before these sections.
pub(super) fn with(sections: &[Vec<u8>]) -> Vec<u8> {
    [text(""), sections.concat()].concat()
}

pub(super) fn core_module(module: &[u8]) -> Vec<u8> {
    section(CORE_MODULE, module)
}

/// These modules, with the exports of a plugin.
pub(super) fn component(modules: &[Vec<u8>]) -> Vec<u8> {
    with(&modules.iter().map(|it| core_module(it)).collect::<Vec<_>>())
}

/// A component without exports.
pub(super) fn bare(sections: &[Vec<u8>]) -> Vec<u8> {
    [COMPONENT, &sections.concat()].concat()
}

/// Types of functions: so many parameters and results, of 64 bits each.
pub(super) fn types(shapes: &[(usize, usize)]) -> Vec<u8> {
    let types = shapes.iter().map(|(params, results)| {
        [vec![0x60], leb(*params), vec![I64; *params], leb(*results), vec![I64; *results]].concat()
    });
    section(1, &[leb(shapes.len()), types.collect::<Vec<_>>().concat()].concat())
}

/// So many functions of the first type with this code, which has no locals.
pub(super) fn functions(count: usize, code: &[u8]) -> Vec<u8> {
    with_locals(count, 0, code)
}

/// So many functions of the first type with so many locals each, and this code.
pub(super) fn with_locals(count: usize, locals: usize, code: &[u8]) -> Vec<u8> {
    let declared = if locals == 0 { vec![0] } else { [vec![1], leb(locals), vec![I64]].concat() };
    let body = [leb(declared.len() + code.len()), declared, code.to_vec()].concat();
    [repeated(3, &[0], count), repeated(10, &body, count)].concat()
}

pub(super) fn local_get(local: usize) -> Vec<u8> {
    [vec![0x20], leb(local)].concat()
}

pub(super) fn local_set(local: usize) -> Vec<u8> {
    [vec![0x21], leb(local)].concat()
}
