#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "engine/byte_block.hpp"

namespace ipfence {

/// The parameters of RFC 6749, 7521, 7523, 7636, 8628, 8693, 8707 and 9449 that a provider acts
/// upon, and the one by which Keycloak hands out tokens of somebody else, in the order of their
/// names in `kKnownParameterNames`.
enum class KnownParameter : std::uint8_t {
    grant_type,
    client_id,
    client_secret,
    client_assertion,
    client_assertion_type,
    code,
    redirect_uri,
    code_verifier,
    refresh_token,
    username,
    password,
    scope,
    assertion,
    device_code,
    subject_token,
    subject_token_type,
    actor_token,
    actor_token_type,
    requested_token_type,
    audience,
    resource,
    state,
    access_token,
    id_token,
    token,
    user_code,
    auth_req_id,
    requested_subject,
};

inline constexpr std::array<std::string_view, 28> kKnownParameterNames{
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "username",
    "password",
    "scope",
    "assertion",
    "device_code",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "audience",
    "resource",
    "state",
    "access_token",
    "id_token",
    "token",
    "user_code",
    "auth_req_id",
    "requested_subject",
};

/// The place of its name in `kKnownParameterNames`.
constexpr std::size_t index_of(KnownParameter parameter) noexcept {
    return static_cast<std::size_t>(parameter);
}

/// A set of them.
class KnownParameters {
  public:
    constexpr KnownParameters() noexcept = default;
    constexpr KnownParameters(std::initializer_list<KnownParameter> parameters) noexcept {
        for (const KnownParameter parameter : parameters) {
            insert(parameter);
        }
    }

    constexpr void insert(KnownParameter parameter) noexcept {
        bits_ |= std::uint32_t{1} << index_of(parameter);
    }

    constexpr void insert(KnownParameters others) noexcept { bits_ |= others.bits_; }

    constexpr bool contains(KnownParameter parameter) const noexcept {
        return (bits_ >> index_of(parameter) & 1) != 0;
    }

    constexpr bool intersects(KnownParameters other) const noexcept {
        return (bits_ & other.bits_) != 0;
    }

  private:
    std::uint32_t bits_ = 0;
};

/// Where each of the names is found by what is in it. No two of them have the same place, which the
/// compiler checks: the name at the place of another text is the only one that the text can be.
class KnownPlaces {
  public:
    consteval KnownPlaces() {
        indexes_.fill(kNobody);
        for (std::uint8_t index = 0; index < kNobody; ++index) {
            std::uint8_t &place = indexes_[place_of(kKnownParameterNames[index])];
            place = place == kNobody ? index : throw "two names have the same place";
        }
    }

    /// The index of the only name that `name`, which is not empty, can be; or kNobody.
    std::uint8_t operator[](std::string_view name) const noexcept {
        return indexes_[place_of(name)];
    }

    static constexpr std::uint8_t kNobody = kKnownParameterNames.size();

  private:
    static constexpr std::size_t kPlaces = 64;

    static constexpr std::size_t place_of(std::string_view name) noexcept {
        const auto at = [name](std::size_t index) {
            return static_cast<unsigned char>(name[index]);
        };
        return (at(0) + std::size_t{2} * at(name.size() / 2) + 7 * name.size()) % kPlaces;
    }

    std::array<std::uint8_t, kPlaces> indexes_{};
};

inline constexpr KnownPlaces kKnownPlaces;

/// Which of them has exactly this name, if any. In the header, as it is asked for each parameter of
/// a form.
inline std::optional<KnownParameter> known_parameter(std::string_view name) noexcept {
    if (name.empty()) {
        return std::nullopt;
    }
    const std::uint8_t index = kKnownPlaces[name];
    if (index == KnownPlaces::kNobody || !equals_short(name, kKnownParameterNames[index])) {
        return std::nullopt;
    }
    return static_cast<KnownParameter>(index);
}

}  // namespace ipfence
