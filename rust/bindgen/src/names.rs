// SPDX-License-Identifier: Apache-2.0
//! WIT names in C++ clothes.

/// Words that C++ keeps for itself, sorted.
const KEYWORDS: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

/// Names of the C library that may be macros.
const MACROS: &[&str] = &["errno", "stderr", "stdin", "stdout"];

/// What generated functions call things themselves.
const LOCALS: &[&str] = &["call", "guest", "host", "result", "self", "values"];

/// What generated classes call things themselves.
const MEMBERS: &[&str] = &["bits", "case", "is", "tag", "value"];

/// Types that generated code uses without a namespace.
const OUR_TYPES: &[&str] = &["Async", "Case", "Result", "Task"];

fn snake(wit: &str, taken: &[&str]) -> String {
    let name = wit.replace('-', "_").to_lowercase();
    let clash = [KEYWORDS, MACROS, taken].iter().any(|list| list.contains(&name.as_str()));
    if clash { name + "_" } else { name }
}

/// "info-code" -> "info_code", "delete" -> "delete_".
pub fn member(wit: &str) -> String {
    snake(wit, MEMBERS)
}

pub fn param(wit: &str) -> String {
    snake(wit, LOCALS)
}

/// "DNS-error-payload" -> "DnsErrorPayload".
pub fn title(wit: &str) -> String {
    let name: String = wit.split('-').map(capitalised).collect();
    if OUR_TYPES.contains(&name.as_str()) { name + "_" } else { name }
}

/// "symlink-follow" -> "kSymlinkFollow".
pub fn constant(wit: &str) -> String {
    let name: String = wit.split('-').map(capitalised).collect();
    format!("k{name}")
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_house() {
        assert_eq!(member("check-write"), "check_write");
        assert_eq!(member("delete"), "delete_");
        assert_eq!(member("DNS-timeout"), "dns_timeout");
        assert_eq!(member("tag"), "tag_");
        assert_eq!(param("value"), "value");
        assert_eq!(param("call"), "call_");
        assert_eq!(param("stdin"), "stdin_");
        assert_eq!(title("TLS-alert-received-payload"), "TlsAlertReceivedPayload");
        assert_eq!(title("result"), "Result_");
        assert_eq!(constant("symlink-follow"), "kSymlinkFollow");
    }
}
