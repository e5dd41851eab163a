#include "engine/credential/form_post.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/credential/character_reference.hpp"
#include "engine/credential/text.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

using std::string_view;

// The attributes of an input that matter. Of one that is repeated, the first counts.
struct Input {
    std::optional<string_view> type;
    std::optional<string_view> name;
    std::optional<string_view> value;
    bool repeats = false;
};

Input read_attributes(string_view attributes) noexcept {
    Input input;
    const std::array<std::pair<string_view, std::optional<string_view> *>, 3> wanted{
        {{"type", &input.type}, {"name", &input.name}, {"value", &input.value}}};
    while (const auto attribute = take_attribute(attributes)) {
        for (const auto &[name, slot] : wanted) {
            if (equal_without_case(attribute->name, name)) {
                input.repeats |= slot->has_value();
                *slot = slot->value_or(attribute->value);
            }
        }
    }
    return input;
}

bool is_hidden(const Input &input) {
    return !input.type || equal_without_case(decode_attribute(*input.type).text, "hidden");
}

}  // namespace

FormPostPage::FormPostPage(string_view page, std::span<const string_view> wanted)
    : wanted_(wanted), values_(wanted.size()) {
    while (const auto tag = take_start_tag(page)) {
        if (equal_without_case(tag->element, "input")) {
            read_input(*tag);
        }
    }
}

void FormPostPage::read_input(const HtmlTag &tag) {
    const Input input = read_attributes(tag.attributes);
    const DecodedAttribute name = decode_attribute(input.name.value_or(string_view{}));
    const auto found = std::ranges::find(wanted_, name.text);
    if (found == wanted_.end() || !is_hidden(input)) {
        return;
    }
    const DecodedAttribute value = decode_attribute(input.value.value_or(string_view{}));
    if (value.text.empty() && !input.repeats) {
        return;
    }
    is_ambiguous_ |= input.repeats || !tag.is_closed || !name.is_certain || !value.is_certain ||
                     has_control_byte(value.text);
    take_value(static_cast<std::size_t>(found - wanted_.begin()), value.text);
}

void FormPostPage::take_value(std::size_t index, string_view value) {
    is_ambiguous_ |= !values_[index].empty() && values_[index] != value;
    values_[index] = value;
}

}  // namespace ipfence
