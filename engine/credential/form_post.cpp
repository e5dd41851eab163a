#include "engine/credential/form_post.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ipfence {

namespace {

using std::string_view;

constexpr string_view kSpaces = " \t\r\n\f";

constexpr char lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

constexpr bool is_letter(char byte) noexcept {
    return lower(byte) >= 'a' && lower(byte) <= 'z';
}

bool equals_ignoring_case(string_view text, string_view lower_case) noexcept {
    return std::ranges::equal(text, lower_case, {}, lower);
}

string_view take(string_view &text, std::size_t size) noexcept {
    const string_view taken = text.substr(0, size);
    text.remove_prefix(taken.size());
    return taken;
}

// One attribute of a tag; a name without a value has an empty one.
struct Attribute {
    string_view name;
    string_view value;
};

// Takes the next attribute off a tag. Empty at the tag's end, of which `text` then begins with `>`
// or is empty.
std::optional<Attribute> take_attribute(string_view &text) noexcept {
    take(text, std::min(text.find_first_not_of(" \t\r\n\f/"), text.size()));
    if (text.empty() || text.starts_with('>')) {
        return std::nullopt;
    }
    // A `=` at the beginning belongs to the name (HTML standard, 13.2.5.32).
    Attribute attribute{take(text, std::max<std::size_t>(text.find_first_of(" \t\r\n\f/>=", 1), 1)),
                        {}};
    string_view rest = text;
    take(rest, std::min(rest.find_first_not_of(kSpaces), rest.size()));
    if (!rest.starts_with('=')) {
        return attribute;
    }
    take(rest, 1);
    take(rest, std::min(rest.find_first_not_of(kSpaces), rest.size()));
    if (rest.starts_with('"') || rest.starts_with('\'')) {
        const char quote = take(rest, 1)[0];
        attribute.value = take(rest, rest.find(quote));
        take(rest, 1);
    } else {
        attribute.value = take(rest, rest.find_first_of(" \t\r\n\f>"));
    }
    text = rest;
    return attribute;
}

// The text after a tag that begins in front of `text`; the attributes are its own.
string_view skip_attributes(string_view text) noexcept {
    while (take_attribute(text)) {
    }
    take(text, 1);
    return text;
}

// Elements whose contents are text, whatever they look like.
constexpr std::array<string_view, 7> kRawElements{"script", "style",  "textarea", "title",
                                                  "xmp",    "iframe", "noembed"};

string_view skip_raw_text(string_view text, string_view element) noexcept {
    for (std::size_t at = text.find("</"); at != string_view::npos; at = text.find("</", at + 2)) {
        if (equals_ignoring_case(text.substr(at + 2, element.size()), element)) {
            return text.substr(at);
        }
    }
    return {};
}

bool append_code_point(std::string &out, unsigned long code) {
    if (code == 0 || code > 0x7f) {
        return false;  // no token has such a character
    }
    out.push_back(static_cast<char>(code));
    return true;
}

bool append_numeric_reference(std::string &out, string_view digits) {
    const int base = digits.starts_with('x') || digits.starts_with('X') ? 16 : 10;
    digits.remove_prefix(base == 16 ? 1 : 0);
    unsigned long code = 0;
    const char *end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, code, base);
    return error == std::errc{} && stop == end && append_code_point(out, code);
}

bool append_named_reference(std::string &out, string_view name) {
    constexpr std::array<std::pair<string_view, char>, 5> kNames{
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto &[known, byte] : kNames) {
        if (known == name) {
            out.push_back(byte);
            return true;
        }
    }
    return false;
}

// Resolves character references. Empty where one is not known here.
std::optional<std::string> decode_text(string_view text) {
    std::string decoded;
    while (!text.empty()) {
        decoded += take(text, text.find('&'));
        if (text.empty()) {
            break;
        }
        const std::size_t end = text.find(';');
        if (end == string_view::npos) {
            return std::nullopt;
        }
        const string_view reference = take(text, end + 1).substr(1, end - 1);
        const bool known = reference.starts_with('#')
                               ? append_numeric_reference(decoded, reference.substr(1))
                               : append_named_reference(decoded, reference);
        if (!known) {
            return std::nullopt;
        }
    }
    return decoded;
}

}  // namespace

FormPostPage::FormPostPage(string_view page, std::span<const string_view> wanted)
    : wanted_(wanted), values_(wanted.size()) {
    while (true) {
        page.remove_prefix(std::min(page.find('<'), page.size()));
        if (page.empty()) {
            return;
        }
        if (page.starts_with("<!--")) {
            const std::size_t end = page.find("-->", 2);
            page.remove_prefix(end == string_view::npos ? page.size() : end + 3);
            continue;
        }
        ipfence::take(page, 1);
        if (page.empty() || !is_letter(page[0])) {
            continue;
        }
        const string_view element =
            ipfence::take(page, std::min(page.find_first_of(" \t\r\n\f/>"), page.size()));
        const string_view attributes = page;
        page = skip_attributes(page);
        if (equals_ignoring_case(element, "input")) {
            read_input(attributes);
        }
        for (const string_view raw : kRawElements) {
            if (equals_ignoring_case(element, raw)) {
                page = skip_raw_text(page, raw);
            }
        }
    }
}

void FormPostPage::read_input(string_view text) {
    std::optional<string_view> name;
    std::optional<string_view> value;
    bool repeated = false;
    while (const auto attribute = take_attribute(text)) {
        for (auto [wanted, slot] :
             {std::pair(string_view("name"), &name), std::pair(string_view("value"), &value)}) {
            if (equals_ignoring_case(attribute->name, wanted)) {
                repeated |= slot->has_value();
                *slot = slot->value_or(attribute->value);  // the first one counts
            }
        }
    }
    const auto decoded = decode_text(name.value_or(string_view{}));
    if (!decoded || std::ranges::find(wanted_, *decoded) == wanted_.end()) {
        return;
    }
    ambiguous_ |= repeated || text.empty();
    take(*decoded, value.value_or(string_view{}));
}

void FormPostPage::take(string_view name, string_view raw_value) {
    const auto value = decode_text(raw_value);
    if (!value) {
        ambiguous_ = true;
        return;
    }
    const auto index = static_cast<std::size_t>(std::ranges::find(wanted_, name) - wanted_.begin());
    ambiguous_ |= !values_[index].empty() && values_[index] != *value;
    values_[index] = *value;
}

}  // namespace ipfence
