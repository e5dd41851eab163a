// The form reader, which passes over the bytes once and many at a time, against a reading in plain
// steps: over bodies made of what forms are made of, and over those with a few bytes changed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/credential/form.hpp"

namespace ipfence {
namespace {

// What a form is: its parameters, or why it is none.
struct Reading {
    std::string refusal;
    std::vector<std::pair<std::string, std::string>> parameters;

    bool operator==(const Reading &) const = default;
};

std::ostream &operator<<(std::ostream &out, const Reading &reading) {
    out << '"' << reading.refusal << '"';
    for (const auto &[name, value] : reading.parameters) {
        out << " [" << name << "=" << value << "]";
    }
    return out;
}

Reading reading_of(std::string_view body) {
    std::vector<char> storage(body.size());
    const auto form = Form::parse(body, storage);
    if (!form) {
        return {std::string(form.error().description), {}};
    }
    Reading reading;
    for (const auto &parameter : form->parameters()) {
        reading.parameters.emplace_back(parameter.name, parameter.value);
    }
    return reading;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        if (text.front() != '%') {
            plain += text.front() == '+' ? ' ' : text.front();
            text.remove_prefix(1);
            continue;
        }
        if (text.size() < 3 || std::isxdigit(static_cast<unsigned char>(text[1])) == 0 ||
            std::isxdigit(static_cast<unsigned char>(text[2])) == 0) {
            return std::nullopt;
        }
        plain += static_cast<char>(std::stoi(std::string(text.substr(1, 2)), nullptr, 16));
        text.remove_prefix(3);
    }
    return plain;
}

constexpr std::string_view kKnown[] = {
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "client_assertion",
    "code_verifier",
    "state",
    "client_assertion_type",
    "refresh_token",
    "username",
    "password",
    "scope",
    "assertion",
    "device_code",
    "subject_token",
    "actor_token",
    "subject_token_type",
    "actor_token_type",
    "audience",
    "requested_token_type",
    "resource",
    "access_token",
    "id_token",
    "token",
    "user_code",
    "auth_req_id",
};

std::string folded(std::string_view name) {
    std::string plain;
    for (const char byte : name) {
        plain += byte == '.' || byte == '-'
                     ? '_'
                     : static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    }
    return plain;
}

std::string objection_to_name(const std::string &name) {
    if (name.empty()) {
        return "a parameter has no name";
    }
    for (const char byte : name) {
        if (std::isalnum(static_cast<unsigned char>(byte)) == 0 && byte != '_' && byte != '.' &&
            byte != '-') {
            return "a parameter name has characters that parsers read differently";
        }
    }
    if (folded(name) == "_method") {
        return "the method must not be overridden";
    }
    if (name.front() == '.' || name.back() == '.') {
        return "a parameter name begins or ends with a dot";
    }
    if (folded(name) != name && std::ranges::find(kKnown, folded(name)) != std::end(kKnown)) {
        return "a parameter name is a variant spelling of an OAuth parameter";
    }
    return "";
}

std::string objection_to_piece(std::string_view piece, Reading &reading) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
        return "a parameter has no value, or the body is not a form";
    }
    if (reading.parameters.size() == Form::kMaxParameters) {
        return "the request has too many parameters";
    }
    const auto name = decoded(piece.substr(0, equals));
    const auto value = decoded(piece.substr(equals + 1));
    if (!name) {
        return "a parameter name is badly encoded";
    }
    if (!value) {
        return "a parameter value is badly encoded";
    }
    if (std::ranges::any_of(*value, [](char byte) {
            return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
        })) {
        return "a parameter value has a control byte";
    }
    if (const std::string objection = objection_to_name(*name); !objection.empty()) {
        return objection;
    }
    for (const auto &[other, ignored] : reading.parameters) {
        if (other == *name && other != "resource" && other != "audience") {
            return "a parameter is repeated";
        }
    }
    reading.parameters.emplace_back(*name, *value);
    return "";
}

Reading plain_reading_of(std::string_view body) {
    for (const char byte : body) {
        if (byte <= ' ' || byte > '~' || byte == ';') {
            return {"the body has a byte that a form must escape", {}};
        }
    }
    Reading reading;
    for (std::size_t begin = 0; !body.empty() && begin <= body.size();) {
        const std::size_t end = std::min(body.find('&', begin), body.size());
        const std::string objection = objection_to_piece(body.substr(begin, end - begin), reading);
        if (!objection.empty()) {
            return {objection, {}};
        }
        begin = end + 1;
    }
    return reading;
}

/// Makes bodies out of what the two readings could disagree about.
class Bodies {
  public:
    std::string next() {
        std::string body;
        const std::size_t pieces = one_of(30) == 0 ? 60 + one_of(8) : one_of(8);
        for (std::size_t i = 0; i < pieces; ++i) {
            body += (i == 0 ? "" : "&") + name(i) + (one_of(60) == 0 ? "" : "=") + value();
        }
        for (std::size_t changes = one_of(3) == 0 ? one_of(4) : 0; changes != 0; --changes) {
            change(body);
        }
        return body;
    }

  private:
    std::size_t one_of(std::size_t count) { return random_() % count; }

    template <class Words>
    auto pick(const Words &words) {
        return words[one_of(std::size(words))];
    }

    std::string name(std::size_t index) {
        constexpr std::string_view kOdd[] = {
            "_method", "_Method", "%5fmethod", "",          ".",         "a.",
            ".a",      "a-b",     "A",         "client.id", "Client_Id", "a[]",
            "a%00b",   "c%6fde",  "co+de",     "%63ode",    "scopE",     "-method"};
        switch (one_of(12)) {
            case 0:
                return std::string(pick(kOdd));
            case 1:
            case 2:
            case 3:
            case 4:
                return "p" + std::to_string(index);
            default:
                return std::string(pick(kKnown));
        }
    }

    std::string value() {
        constexpr std::string_view kParts[] = {"a",
                                               "Zz9",
                                               "+",
                                               "%20",
                                               "%2B",
                                               "%2f",
                                               "%C3%A9",
                                               "=",
                                               "~!$'()*,-./:?@_",
                                               "%",
                                               "abcdefghijklmnopqrstuvwxyz",
                                               "0123456789abcdef0123456789abcdef",
                                               "%zz",
                                               "%4",
                                               "%%41"};
        std::string text;
        for (std::size_t parts = one_of(6); parts != 0; --parts) {
            text += one_of(4) == 0 ? kParts[one_of(std::size(kParts) - 3)]
                                   : kParts[one_of(one_of(40) == 0 ? std::size(kParts) : 9)];
        }
        return text;
    }

    void change(std::string &body) {
        constexpr std::string_view kBytes("&&==%%++;\" \0\x1f\x7f\x80\xff~!aF0_.-", 24);
        if (body.empty()) {
            return;
        }
        const std::size_t at = one_of(body.size());
        switch (one_of(4)) {
            case 0:
                body.erase(at, 1 + one_of(3));
                break;
            case 1:
                body.insert(at, one_of(2) == 0 ? "%00" : "%7F");
                break;
            case 2:
                body.insert(at, 1, kBytes[one_of(kBytes.size())]);
                break;
            default:
                body[at] = kBytes[one_of(kBytes.size())];
        }
    }

    std::mt19937 random_{20220101};  // NOLINT: the same bodies each time
};

TEST(FormReadings, AgreeOverBodiesMadeAtRandom) {
    Bodies bodies;
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < 200'000; ++i) {
        const std::string body = bodies.next();
        const Reading expected = plain_reading_of(body);
        ASSERT_EQ(reading_of(body), expected) << testing::PrintToString(body);
        accepted += expected.refusal.empty() ? 1 : 0;
    }
    EXPECT_GT(accepted, 20'000U) << "too few bodies are forms at all";
    EXPECT_LT(accepted, 180'000U) << "too few bodies are refused";
}

// Where a parameter begins and ends within the bytes that are looked at together.
TEST(FormReadings, AgreeWhereverAByteStands) {
    constexpr std::string_view kPieces[] = {"&b=", "%41",  "+", "=",      "%4", ";",
                                            "%0a", "\x80", "&", "%c3%a9", "%"};
    for (std::size_t before = 0; before < 70; ++before) {
        for (const std::string_view piece : kPieces) {
            for (const std::size_t after : {0, 1, 2, 15, 16, 17}) {
                const std::string body =
                    "a=" + std::string(before, 'x') + std::string(piece) + std::string(after, 'y');
                ASSERT_EQ(reading_of(body), plain_reading_of(body)) << body;
            }
        }
    }
}

// Of two faults, the one that is named must not depend on which of them is met first.
TEST(FormReadings, NameTheSameOfTwoFaults) {
    constexpr std::string_view kFaulty[] = {"a",     "%zz=1",     "a=%zz",   "a=%00",    "=1",
                                            "a[]=1", "_method=1", "a.=1",    "Code=1",   "p=1&p=2",
                                            "a=;",   "%zz",       "%zz=%zz", "%00=%00",  "Code=%0a",
                                            "=%",    "=%0a",      "a=%0a%",  "p=1&p=%7f"};
    for (const std::string_view one : kFaulty) {
        for (const std::string_view other : kFaulty) {
            for (const char separator : {'&', '=', '+'}) {
                const std::string body = std::string(one) + separator + std::string(other);
                ASSERT_EQ(reading_of(body), plain_reading_of(body)) << body;
            }
        }
    }
}

}  // namespace
}  // namespace ipfence
