// The form reader, which passes over the bytes once and many at a time, against a reading in plain
// steps: over bodies made of what forms are made of, and over those with a few bytes changed.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "t/unit/credential/plain_form.hpp"

namespace ipfence::form_readings_test {
namespace {

Reading reading_of(std::string_view body) {
    std::vector<char> storage(Form::storage_size(body.size()));
    const auto form = Form::parse(body, storage);
    if (!form) {
        return {std::string(form.error().description), {}};
    }
    Reading reading;
    for (const KnownParameter known : {KnownParameter::code, KnownParameter::resource}) {
        EXPECT_EQ(form->find(known), form->find(kKnownParameterNames[index_of(known)])) << body;
    }
    for (const auto &parameter : form->parameters()) {
        reading.parameters.emplace_back(parameter.name, parameter.value);
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

// Of any length, with escapes anywhere, one of which may be broken.
TEST(FormReadings, AgreeOverBodiesFullOfEscapes) {
    std::mt19937 random(20220102);  // NOLINT: the same bodies each time
    constexpr std::string_view kPieces[] = {"%41", "%4a", "%C3", "%a9", "+",   "x",   "y",  "=",
                                            "&b=", "&c=", "%26", "%3d", "%25", "%7e", "%20"};
    constexpr std::string_view kRare[] = {"%7f", "%7F", "%00", "%1f", "%", "%4",   "%g1",  "%1G",
                                          "%%",  ";",   "&",   "&&",  " ", "\x7f", "\xc3", "&%62="};
    for (int i = 0; i < 100'000; ++i) {
        std::string body = "a=";
        for (std::size_t pieces = random() % 30; pieces != 0; --pieces) {
            body += random() % 50 == 0 ? kRare[random() % std::size(kRare)]
                                       : kPieces[random() % std::size(kPieces)];
        }
        body.resize(body.size() - (random() % 8 == 0 ? random() % 3 : 0));
        ASSERT_EQ(reading_of(body), plain_reading_of(body)) << testing::PrintToString(body);
    }
}

TEST(FormReadings, AgreeOnHowManyParametersThereMayBe) {
    for (const std::size_t count : {1, 63, 64, 65, 66}) {
        for (const std::string_view last : {"", "&", "&x", "&%zz=", "&p1=", "&x=%", "&x=;"}) {
            std::string body;
            for (std::size_t i = 0; i < count; ++i) {
                body += (i == 0 ? "p" : "&p") + std::to_string(i) + "=%41";
            }
            body += last;
            ASSERT_EQ(reading_of(body), plain_reading_of(body)) << body;
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
}  // namespace ipfence::form_readings_test
