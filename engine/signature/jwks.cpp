#include "engine/signature/jwks.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/credential/text.hpp"
#include "engine/json.hpp"
#include "engine/signature/public_key.hpp"

namespace ipfence {

namespace {

std::string describe(std::size_t index, const json_t *jwk) {
    std::string text = "keys[" + std::to_string(index) + "]";
    const char *key_id = json_string_value(json_object_get(jwk, "kid"));
    if (key_id != nullptr && is_name(key_id)) {
        text += " (kid \"" + std::string(key_id) + "\")";
    }
    return text + ": ";
}

// jansson's words for what is wrong, without the piece of the text that it repeats: that may be a
// part of a private key, which is an error, too.
std::string without_quotation(std::string_view words) {
    return std::string(words.substr(0, words.find(" near ")));
}

// Of the keys of each type; one without an id is like no other.
using KeyIds = std::set<std::pair<int, std::string>>;

bool is_new(const VerificationKey &key, KeyIds &seen) {
    return key.key_id.empty() ||
           seen.emplace(EVP_PKEY_get_base_id(key.key.get()), key.key_id).second;
}

}  // namespace

const Verifier *VerificationKey::verifier_of(SignatureAlgorithm algorithm) const noexcept {
    const auto found = std::ranges::find(verifiers, algorithm, &Verifier::algorithm);
    return found == verifiers.end() ? nullptr : &*found;
}

Result<Jwks> Jwks::parse(std::string_view json) {
    json_error_t where;
    const OwnedJson set = load_json(json, JSON_REJECT_DUPLICATES, &where);
    const json_t *keys = json_object_get(set.get(), "keys");
    if (set == nullptr) {
        return Error{"the key set is no JSON: line " + std::to_string(where.line) + ": " +
                     without_quotation(where.text)};
    }
    if (!json_is_array(keys)) {
        return Error{"a key set is an object with a list \"keys\" (RFC 7517, section 5)"};
    }

    Jwks jwks;
    KeyIds seen;
    std::size_t index = 0;
    const json_t *jwk = nullptr;
    json_array_foreach(keys, index, jwk) {
        auto key = make_verification_key(jwk);
        if (!key) {
            return Error{describe(index, jwk) + key.error().message};
        }
        if (!*key) {
            continue;
        }
        if (!is_new(**key, seen)) {
            return Error{describe(index, jwk) + "another key of this type has the same kid"};
        }
        jwks.keys_.push_back(std::move(**key));
    }
    if (jwks.keys_.empty()) {
        return Error{"there is no key in it that verifies signatures"};
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
    if (EVP_Digest(json.data(), json.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        return Error{"OpenSSL has no SHA-256"};
    }
    std::copy_n(hash.begin(), jwks.fingerprint_.size(), jwks.fingerprint_.begin());
    return jwks;
}

}  // namespace ipfence
