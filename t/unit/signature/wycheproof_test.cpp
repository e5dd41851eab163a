// Project Wycheproof's vectors for JSON Web Signature (testvectors_v1/json_web_signature_test.json
// of https://github.com/C2SP/wycheproof), read from the file that IPFENCE_WYCHEPROOF names.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/json.hpp"
#include "engine/signature/jws.hpp"
#include "t/unit/signature/signing_key.hpp"

namespace ipfence::wycheproof_test {
namespace {

std::string text_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) ? json_string_value(value) : "";
}

// Called "valid" though the key says another algorithm than the token: PS256 for PS384, and
// ES521, which does not exist. They verify once the key says nothing.
const std::set<json_int_t> kKeysOfAnotherAlgorithm{346, 347, 350, 351};

bool verifies(const std::string &jwk, const std::string &token) {
    const auto jwks = Jwks::parse(key_set(jwk));
    return jwks.ok() && verify_jws(*jwks, token).ok();
}

struct Counts {
    int valid = 0;
    int invalid = 0;
};

void run(json_t *jwk, const json_t *test, Counts &counts) {
    const json_int_t number = json_integer_value(json_object_get(test, "tcId"));
    const std::string token = text_of(test, "jws");
    const std::string comment = std::to_string(number) + ": " + text_of(test, "comment");
    if (text_of(test, "result") != "valid") {
        ++counts.invalid;
        EXPECT_FALSE(verifies(dump_json(jwk, 0), token)) << comment;
        return;
    }
    ++counts.valid;
    if (kKeysOfAnotherAlgorithm.contains(number)) {
        EXPECT_FALSE(verifies(dump_json(jwk, 0), token)) << comment;
        json_object_del(jwk, "alg");
    }
    EXPECT_TRUE(verifies(dump_json(jwk, 0), token)) << comment;
}

TEST(Wycheproof, EveryCaseOfAPublicKey) {
    json_error_t error;
    const OwnedJson vectors(json_load_file(IPFENCE_WYCHEPROOF, JSON_REJECT_DUPLICATES, &error));
    ASSERT_NE(vectors, nullptr) << error.text;
    Counts counts;
    std::size_t group_index = 0;
    const json_t *group = nullptr;
    json_array_foreach(json_object_get(vectors.get(), "testGroups"), group_index, group) {
        json_t *jwk = json_object_get(group, "public");
        if (jwk == nullptr) {
            continue;  // a symmetric key, which the module does not have
        }
        std::size_t test_index = 0;
        const json_t *test = nullptr;
        json_array_foreach(json_object_get(group, "tests"), test_index, test) {
            run(jwk, test, counts);
        }
    }
    EXPECT_GT(counts.valid, 0);
    EXPECT_GT(counts.invalid, 0);
    std::cout << counts.valid << " valid cases, " << counts.invalid << " invalid\n";
}

}  // namespace
}  // namespace ipfence::wycheproof_test
