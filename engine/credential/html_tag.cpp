#include "engine/credential/html_tag.hpp"

#include <array>

#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

using std::string_view;

constexpr string_view kSpaces = " \t\r\n\f";
constexpr string_view kNameEnds = " \t\r\n\f/>";
constexpr string_view kAttributeNameEnds = " \t\r\n\f/>=";
constexpr string_view kBetweenAttributes = " \t\r\n\f/";
constexpr string_view kUnquotedEnds = " \t\r\n\f>";

// Elements whose contents are text, whatever they look like. Not noscript, which is one only to a
// browser that runs scripts.
constexpr std::array<string_view, 8> kTextElements{"script", "style",  "textarea", "title",
                                                   "xmp",    "iframe", "noembed",  "noframes"};

constexpr bool is_ascii_letter(char byte) noexcept {
    return lower_case(byte) >= 'a' && lower_case(byte) <= 'z';
}

bool begins_with_letter(string_view text) noexcept {
    return !text.empty() && is_ascii_letter(text[0]);
}

// Takes `size` bytes, or all there are, off the front.
string_view take(string_view &text, std::size_t size) noexcept {
    const string_view taken = text.substr(0, size);
    text.remove_prefix(taken.size());
    return taken;
}

void skip_any(string_view &text, string_view bytes) noexcept {
    take(text, text.find_first_not_of(bytes));
}

void skip_through(string_view &text, string_view end) noexcept {
    const std::size_t at = text.find(end);
    take(text, at == string_view::npos ? at : at + end.size());
}

// Behind `<!--`. `<!-->` and `<!--->` are whole comments, and `--!>` ends one too.
void skip_comment(string_view &text) noexcept {
    if (text.starts_with('>') || text.starts_with("->")) {
        skip_through(text, ">");
        return;
    }
    for (std::size_t at = text.find("--"); at != string_view::npos; at = text.find("--", at + 1)) {
        const string_view end = text.substr(at + 2);
        if (end.starts_with('>') || end.starts_with("!>")) {
            take(text, at + 2);
            skip_through(text, ">");
            return;
        }
    }
    text = {};
}

// Behind the name of a tag. Says whether the tag ends.
bool skip_attributes(string_view &text) noexcept {
    while (take_attribute(text)) {
    }
    return !take(text, 1).empty();
}

// Leaves the end tag of `element`.
void skip_text_contents(string_view &text, string_view element) noexcept {
    for (std::size_t at = text.find("</"); at != string_view::npos; at = text.find("</", at + 2)) {
        const string_view name = text.substr(at + 2, element.size());
        const string_view end = text.substr(at + 2 + name.size(), 1);
        if (equal_without_case(name, element) &&
            kNameEnds.find_first_of(end) != string_view::npos) {
            take(text, at);
            return;
        }
    }
    text = {};
}

// Behind a `<` that begins no start tag.
void skip_other_markup(string_view &text) noexcept {
    if (text.starts_with("!--")) {
        take(text, 3);
        skip_comment(text);
    } else if (text.starts_with('/') && begins_with_letter(text.substr(1))) {
        take(text, text.find_first_of(kNameEnds, 1));
        skip_attributes(text);
    } else if (text.starts_with('!') || text.starts_with('?') || text.starts_with('/')) {
        skip_through(text, ">");
    }
}

}  // namespace

std::optional<HtmlTag> take_start_tag(string_view &page) noexcept {
    while (true) {
        skip_through(page, "<");
        if (page.empty()) {
            return std::nullopt;
        }
        if (begins_with_letter(page)) {
            break;
        }
        skip_other_markup(page);
    }
    HtmlTag tag{take(page, page.find_first_of(kNameEnds)), page};
    tag.is_closed = skip_attributes(page);
    tag.attributes.remove_suffix(page.size());
    for (const string_view element : kTextElements) {
        if (equal_without_case(tag.element, element)) {
            skip_text_contents(page, element);
        }
    }
    return tag;
}

std::optional<HtmlAttribute> take_attribute(string_view &attributes) noexcept {
    skip_any(attributes, kBetweenAttributes);
    if (attributes.empty() || attributes.starts_with('>')) {
        return std::nullopt;
    }
    // A `=` at the beginning belongs to the name.
    HtmlAttribute attribute{take(attributes, attributes.find_first_of(kAttributeNameEnds, 1)), {}};
    skip_any(attributes, kSpaces);
    if (!attributes.starts_with('=')) {
        return attribute;
    }
    take(attributes, 1);
    skip_any(attributes, kSpaces);
    if (attributes.starts_with('"') || attributes.starts_with('\'')) {
        const char quote = take(attributes, 1)[0];
        attribute.value = take(attributes, attributes.find(quote));
        take(attributes, 1);
    } else {
        attribute.value = take(attributes, attributes.find_first_of(kUnquotedEnds));
    }
    return attribute;
}

}  // namespace ipfence
