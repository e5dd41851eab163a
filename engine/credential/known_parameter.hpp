#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace ipfence {

/// The parameters of RFC 6749, 7521, 7523, 7636, 8628, 8693, 8707 and 9449 that a provider acts
/// upon, in the order of their names in `kKnownParameterNames`.
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
};

inline constexpr std::array<std::string_view, 27> kKnownParameterNames{
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

    constexpr bool contains(KnownParameter parameter) const noexcept {
        return (bits_ >> index_of(parameter) & 1) != 0;
    }

    constexpr bool intersects(KnownParameters other) const noexcept {
        return (bits_ & other.bits_) != 0;
    }

  private:
    std::uint32_t bits_ = 0;
};

/// Which of them has exactly this name, if any.
std::optional<KnownParameter> known_parameter(std::string_view name) noexcept;

}  // namespace ipfence
