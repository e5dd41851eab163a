#include "module/accept.hpp"

#include <algorithm>

#include "engine/letter_case.hpp"
#include "module/header_value.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// Qualities in thousandths (RFC 9110, section 12.4.2).
constexpr int kFullQuality = 1000;

// "0.5" is 500. What cannot be read counts in full, as if it were not there.
int quality_of(std::string_view parameters) noexcept {
    constexpr std::size_t kDigits = 3;
    while (!parameters.empty()) {
        const std::string_view parameter = take_element(parameters, ';');
        if (!parameter.starts_with("q=0") && !parameter.starts_with("Q=0")) {
            continue;
        }
        std::string_view digits = parameter.substr(3);
        digits.remove_prefix(digits.starts_with('.') ? 1 : 0);
        int quality = 0;
        for (std::size_t at = 0; at < kDigits; ++at) {
            const bool is_digit = at < digits.size() && digits[at] >= '0' && digits[at] <= '9';
            quality = quality * 10 + (is_digit ? digits[at] - '0' : 0);
        }
        return quality;
    }
    return kFullQuality;
}

// Of the ranges that a media type is in, the most precise one says what it is worth (RFC 9110,
// section 12.5.1).
struct Worth {
    enum Precision : std::uint8_t { none, any, any_of_kind, exact };
    Precision precision = none;
    int quality = 0;

    void take(Precision of_range, int of_quality) noexcept {
        if (of_range > precision) {
            precision = of_range;
            quality = of_quality;
        } else if (of_range == precision) {
            quality = std::max(quality, of_quality);
        }
    }
};

struct Worths {
    Worth html;
    Worth json;

    void take(std::string_view type, int quality) noexcept {
        if (equal_without_case(type, "text/html") ||
            equal_without_case(type, "application/xhtml+xml")) {
            html.take(Worth::exact, quality);
        } else if (equal_without_case(type, "application/json") ||
                   equal_without_case(type, "application/problem+json")) {
            json.take(Worth::exact, quality);
        } else if (equal_without_case(type, "text/*")) {
            html.take(Worth::any_of_kind, quality);
        } else if (equal_without_case(type, "application/*")) {
            json.take(Worth::any_of_kind, quality);
        } else if (equal_without_case(type, "*/*")) {
            html.take(Worth::any, quality);
            json.take(Worth::any, quality);
        }
    }
};

void read_line(std::string_view line, Worths &worths) noexcept {
    while (!line.empty()) {
        std::string_view range = take_element(line, ',');
        const std::string_view type = take_element(range, ';');
        worths.take(type, quality_of(range));
    }
}

}  // namespace

bool prefers_html(ngx_http_request_t *r) {
    Worths worths;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        if (is_named(header, "accept")) {
            read_line(view(header.value), worths);
        }
    });
    const auto &[html, json] = worths;
    return html.quality > json.quality ||
           (html.quality > 0 && html.quality == json.quality && html.precision > json.precision);
}

}  // namespace ipfence::module
