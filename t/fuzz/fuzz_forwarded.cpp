// The headers in which proxies report their clients.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/address/forwarded.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

constexpr std::array kSyntaxes{ForwardedSyntax::x_forwarded_for, ForwardedSyntax::forwarded,
                               ForwardedSyntax::single_value};

const RangeTable &proxies() {
    static const std::vector<AddressRange> ranges{AddressRange::parse("10.0.0.0/8").value(),
                                                  AddressRange::parse("2001:db8:1::/48").value()};
    static const RangeTable table{ranges};
    return table;
}

// A client may send whatever it likes in front of what the proxies add.
void check_left_of_answer(ForwardedSyntax syntax, std::vector<std::string_view> lines,
                          Address answer) {
    lines.insert(lines.begin(), "198.51.100.99");
    require(client_from_forwarded(syntax, lines, proxies()) == answer,
            "what stands left of the client does not matter");
}

void check_one_line(ForwardedSyntax syntax, const std::vector<std::string_view> &lines,
                    const std::optional<Address> &answer) {
    std::string joined;
    for (const std::string_view line : lines) {
        joined.append(&line == lines.data() ? "" : ",").append(line);
    }
    const std::array one{std::string_view(joined)};
    require(client_from_forwarded(syntax, one, proxies()) == answer,
            "lines read as their list (RFC 9110, section 5.3)");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const ForwardedSyntax syntax = input.one_of(kSyntaxes);
    const std::vector<fuzz::ExactText> texts = input.lines();
    const auto lines = fuzz::views_of(texts);
    const auto answer = client_from_forwarded(syntax, lines, proxies());
    require(!answer || !proxies().contains(*answer), "a proxy is no client");
    if (answer && syntax != ForwardedSyntax::single_value) {
        check_left_of_answer(syntax, lines, *answer);
    }
    if (syntax == ForwardedSyntax::x_forwarded_for && !lines.empty()) {
        check_one_line(syntax, lines, answer);
    }
    return 0;
}
