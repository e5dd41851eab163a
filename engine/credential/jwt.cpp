#include "engine/credential/jwt.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include "engine/credential/base64.hpp"

namespace ipfence {

namespace {

// Header, payload and signature of a JWS in compact form (RFC 7515, section 7.1).
using Parts = std::array<std::string_view, 3>;

// `rfind` would look at one byte at a time.
std::optional<Parts> split(std::string_view token) noexcept {
    const std::size_t first = token.find('.');
    const std::size_t last = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (last == std::string_view::npos || token.find('.', last + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1),
                 token.substr(last + 1)};
}

// An escape could spell `alg` in another way.
bool leniently_names_algorithm(std::string_view part) {
    const std::string json = decode_base64_leniently(part);
    return json.find('{') != std::string::npos &&
           (json.find("\"alg\"") != std::string::npos || json.find("\\u") != std::string::npos);
}

// RFC 7797 and compression make the payload another text than the one between the dots.
bool hides_payload(const Claims &header) noexcept {
    return header.has("zip") || header.has("b64");
}

// What the header says of the rest: that it is a JWS whose claims are what they seem, or else.
UnverifiedJwt::Kind read_header(std::string_view encoded) {
    const auto header = Claims::parse_base64url(encoded);
    if (!header || !header->text("alg")) {
        return leniently_names_algorithm(encoded) ? UnverifiedJwt::Kind::ambiguous
                                                  : UnverifiedJwt::Kind::opaque;
    }
    return hides_payload(*header) ? UnverifiedJwt::Kind::ambiguous : UnverifiedJwt::Kind::claims;
}

// A provider writes one header for all its tokens, until its keys change: the last one that was
// read and is in order need not be read again. It names a key and an algorithm, and no secret.
class KnownHeader {
  public:
    constexpr KnownHeader() noexcept = default;

    bool is(std::string_view encoded) noexcept {
        const Hold hold(busy_);
        return hold && !encoded.empty() && encoded == std::string_view(text_.data(), size_);
    }

    void set(std::string_view encoded) noexcept {
        const Hold hold(busy_);
        if (hold && encoded.size() <= text_.size()) {
            std::ranges::copy(encoded, text_.begin());
            size_ = encoded.size();
        }
    }

  private:
    // A thread that finds another one at it does without. (The memory of what is thread_local is
    // allocated when it is first used, and where there is none glibc ends the process.)
    class Hold {
      public:
        explicit Hold(std::atomic_flag &busy) noexcept
            : busy_(busy.test_and_set(std::memory_order_acquire) ? nullptr : &busy) {}
        Hold(const Hold &) = delete;
        Hold &operator=(const Hold &) = delete;
        ~Hold() {
            if (busy_ != nullptr) {
                busy_->clear(std::memory_order_release);
            }
        }
        explicit operator bool() const noexcept { return busy_ != nullptr; }

      private:
        std::atomic_flag *busy_;
    };

    std::atomic_flag busy_;
    std::array<char, 256> text_{};
    std::size_t size_ = 0;
};

constinit KnownHeader known_header;

UnverifiedJwt read_jws(const Parts &parts) {
    const auto &[header, encoded_claims, signature] = parts;
    if (!known_header.is(header)) {
        const UnverifiedJwt::Kind kind = read_header(header);
        if (kind != UnverifiedJwt::Kind::claims) {
            return {kind, {}};
        }
        known_header.set(header);
    }
    auto claims = Claims::parse_base64url(encoded_claims);
    if (!claims || claims->names_party_in_variants() || !is_base64url(signature)) {
        return {UnverifiedJwt::Kind::ambiguous, {}};
    }
    return {UnverifiedJwt::Kind::claims, std::move(claims)};
}

}  // namespace

UnverifiedJwt read_unverified_jwt(std::string_view token) {
    const auto parts = split(token);
    return parts ? read_jws(*parts) : UnverifiedJwt{UnverifiedJwt::Kind::opaque, {}};
}

}  // namespace ipfence
