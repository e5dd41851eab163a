// application/x-www-form-urlencoded: one reading, or none.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/form.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

// RFC 6749, appendix B, with every byte escaped.
std::string encode(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char byte : text) {
        const auto bits = static_cast<unsigned char>(byte);
        encoded += {'%', kDigits[bits >> 4], kDigits[bits & 0xf]};
    }
    return encoded;
}

std::string encode(const Form &form) {
    std::string body;
    for (const auto &[name, value] : form.parameters()) {
        body += (body.empty() ? "" : "&") + encode(name) + "=" + encode(value);
    }
    return body;
}

bool same(const Form &left, const Form &right) {
    return std::ranges::equal(left.parameters(), right.parameters(),
                              [](const auto &one, const auto &other) {
                                  return one.name == other.name && one.value == other.value;
                              });
}

bool may_repeat(std::string_view name) {
    return name == "resource" || name == "audience";
}

void check(const Form &form) {
    for (const auto &[name, value] : form.parameters()) {
        const auto repeated = std::ranges::count(form.parameters(), name, &Form::Parameter::name);
        require(repeated == 1 || may_repeat(name), "a parameter is given once");
        require(std::ranges::none_of(
                    value, [](char byte) { return static_cast<unsigned char>(byte) < ' '; }),
                "no value has a control byte");
    }
    const std::string body = encode(form);
    std::vector<char> storage(Form::storage_size(body.size()));
    const auto again = Form::parse(body, storage);
    require(again && same(form, *again), "a form reads back from its canonical encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText body = fuzz::Input(data, size).rest();
    std::vector<char> storage(Form::storage_size(body.view().size()));
    if (const auto form = Form::parse(body.view(), storage)) {
        check(*form);
    }
    return 0;
}
