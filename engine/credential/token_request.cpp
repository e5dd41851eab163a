#include "engine/credential/token_request.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/credential/basic.hpp"
#include "engine/credential/jwt.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

using std::string_view;

constexpr string_view kClientJwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

constexpr std::array<std::pair<string_view, Grant>, 8> kGrants{{
    {"authorization_code", Grant::authorization_code},
    {"refresh_token", Grant::refresh_token},
    {"password", Grant::password},
    {"client_credentials", Grant::client_credentials},
    {"urn:ietf:params:oauth:grant-type:jwt-bearer", Grant::jwt_bearer},
    {"urn:ietf:params:oauth:grant-type:saml2-bearer", Grant::saml2_bearer},
    {"urn:ietf:params:oauth:grant-type:device_code", Grant::device_code},
    {"urn:ietf:params:oauth:grant-type:token-exchange", Grant::token_exchange},
}};

// The parameters that make a grant what it is. A request that has those of another grant as well
// could be that other one to a provider that looks at them first (threats.md F09).
constexpr std::array<std::pair<Grant, KnownParameters>, 6> kCredentials{{
    {Grant::authorization_code, {KnownParameter::code}},
    {Grant::refresh_token, {KnownParameter::refresh_token}},
    {Grant::password, {KnownParameter::username, KnownParameter::password}},
    {Grant::jwt_bearer, {KnownParameter::assertion}},
    {Grant::device_code, {KnownParameter::device_code}},
    {Grant::token_exchange,
     {KnownParameter::subject_token, KnownParameter::subject_token_type,
      KnownParameter::actor_token, KnownParameter::actor_token_type}},
}};

Grant grant_named(string_view name) noexcept {
    const auto found = std::ranges::find(kGrants, name, &std::pair<string_view, Grant>::first);
    return found == kGrants.end() ? Grant::extension : found->second;
}

bool has_credential_of_another_grant(const Form &form, Grant grant) noexcept {
    if (grant == Grant::extension) {
        return false;
    }
    const Grant owner = grant == Grant::saml2_bearer ? Grant::jwt_bearer : grant;
    return std::ranges::any_of(kCredentials, [&](const auto &of_grant) {
        return of_grant.first != owner && form.given().intersects(of_grant.second);
    });
}

// In the place of bad UTF-8, parsers put U+FFFD, leave the bytes, or leave the escapes. A password
// is the provider's to read.
bool has_unreadable_credential(const Form &form) noexcept {
    constexpr std::array kReadable{KnownParameter::code,
                                   KnownParameter::refresh_token,
                                   KnownParameter::username,
                                   KnownParameter::assertion,
                                   KnownParameter::device_code,
                                   KnownParameter::subject_token,
                                   KnownParameter::actor_token,
                                   KnownParameter::subject_token_type,
                                   KnownParameter::actor_token_type};
    return std::ranges::any_of(kReadable, [&form](KnownParameter credential) {
        const auto value = form.find(credential);
        return value && !is_utf8(*value);
    });
}

// Names that were read out of something that does not live as long as the request's storage.
class Keeper {
  public:
    explicit Keeper(std::span<char> storage) noexcept : free_(storage) {}

    string_view keep(string_view text) noexcept {
        std::ranges::copy(text, free_.begin());
        const string_view kept(free_.data(), text.size());
        free_ = free_.subspan(text.size());
        return kept;
    }

    std::span<char> take(std::size_t size) noexcept {
        const std::span<char> taken = free_.first(size);
        free_ = free_.subspan(size);
        return taken;
    }

  private:
    std::span<char> free_;
};

// Collects what the request says of its client; refuses when two voices differ.
class ClientIdentity {
  public:
    std::optional<Refusal> is(string_view client_id) noexcept {
        if (!is_name(client_id)) {
            return Refusal{"the client_id is empty or not readable text"};
        }
        if (!client_id_.empty() && client_id_ != client_id) {
            return Refusal{"the request names more than one client"};
        }
        client_id_ = client_id;
        return std::nullopt;
    }

    string_view client_id() const noexcept { return client_id_; }

  private:
    string_view client_id_;
};

// Reads one token request, part by part.
class TokenRequestReader {
  public:
    TokenRequestReader(const Form &form, string_view authorization, Keeper keeper)
        : form_(form), authorization_(authorization), keeper_(keeper) {}

    Result<TokenRequest, Refusal> read() {
        using Step = std::optional<Refusal> (TokenRequestReader::*)();
        for (const Step step :
             {&TokenRequestReader::read_grant, &TokenRequestReader::read_client_id,
              &TokenRequestReader::read_authorization, &TokenRequestReader::read_client_assertion,
              &TokenRequestReader::read_typed_user, &TokenRequestReader::read_redeemed}) {
            if (const auto refusal = (this->*step)()) {
                return *refusal;
            }
        }
        request_.client_id = client_.client_id();
        return request_;
    }

  private:
    std::optional<Refusal> read_grant() {
        const auto grant = form_.find(KnownParameter::grant_type);
        if (!grant || grant->empty()) {
            return Refusal{"grant_type is missing"};
        }
        if (!is_name(*grant)) {
            return Refusal{"the grant_type is not readable text"};
        }
        request_.grant = grant_named(*grant);
        if (has_credential_of_another_grant(form_, request_.grant)) {
            return Refusal{"the request has parameters of another grant"};
        }
        return std::nullopt;
    }

    std::optional<Refusal> read_client_id() {
        const auto client_id = form_.find(KnownParameter::client_id);
        return client_id ? client_.is(*client_id) : std::nullopt;
    }

    std::optional<Refusal> read_authorization() {
        if (authorization_.empty()) {
            return std::nullopt;
        }
        const auto basic = parse_basic(authorization_, keeper_.take(2 * authorization_.size()));
        if (!basic) {
            return basic.error();
        }
        if (basic->raw_client_id != basic->client_id) {
            request_.raw_client_id = basic->raw_client_id;
        }
        return client_.is(basic->client_id);
    }

    // RFC 7523, section 3: issuer and subject both are the client.
    std::optional<Refusal> read_client_assertion() {
        const auto type = form_.find(KnownParameter::client_assertion_type);
        const auto assertion = form_.find(KnownParameter::client_assertion);
        if (!type && !assertion) {
            return std::nullopt;
        }
        if (!type || *type != kClientJwt || !assertion) {
            return Refusal{"client_assertion and its type must be a JWT bearer assertion"};
        }
        const UnverifiedJwt jwt = read_unverified_jwt(*assertion);
        if (jwt.kind != UnverifiedJwt::Kind::claims) {
            return Refusal{"the client_assertion is not a JWT with one reading"};
        }
        const auto subject = jwt.claims->text("sub");
        if (!subject || jwt.claims->text("iss") != subject) {
            return Refusal{"the client_assertion must have the client as issuer and subject"};
        }
        return client_.is(keeper_.keep(*subject));
    }

    std::optional<Refusal> read_typed_user() {
        if (request_.grant == Grant::password) {
            return read_username();
        }
        if (request_.grant == Grant::jwt_bearer) {
            return read_assertion();
        }
        if (request_.grant == Grant::saml2_bearer &&
            form_.find(KnownParameter::assertion) == string_view{}) {
            return Refusal{"the assertion is empty"};
        }
        return std::nullopt;
    }

    std::optional<Refusal> read_username() {
        const auto username = form_.find(KnownParameter::username);
        if (username && !is_name(*username)) {
            return Refusal{"the username is empty or not readable text"};
        }
        request_.typed_user = username.value_or(string_view{});
        return std::nullopt;
    }

    std::optional<Refusal> read_assertion() {
        const auto assertion = form_.find(KnownParameter::assertion);
        if (!assertion) {
            return std::nullopt;
        }
        if (assertion->empty()) {
            return Refusal{"the assertion is empty"};
        }
        const UnverifiedJwt jwt = read_unverified_jwt(*assertion);
        if (jwt.kind == UnverifiedJwt::Kind::ambiguous) {
            return Refusal{"the assertion is a JWT with more than one reading"};
        }
        if (jwt.kind == UnverifiedJwt::Kind::claims) {
            request_.typed_user = keeper_.keep(jwt.claims->text("sub").value_or(string_view{}));
        }
        return std::nullopt;
    }

    string_view value_of(KnownParameter name) const noexcept {
        return form_.find(name).value_or(string_view{});
    }

    std::optional<Refusal> read_redeemed() {
        if (has_unreadable_credential(form_)) {
            return Refusal{"a credential is not readable text"};
        }
        constexpr std::array<std::pair<Grant, KnownParameter>, 4> kRedeemed{{
            {Grant::authorization_code, KnownParameter::code},
            {Grant::refresh_token, KnownParameter::refresh_token},
            {Grant::device_code, KnownParameter::device_code},
            {Grant::token_exchange, KnownParameter::subject_token},
        }};
        for (const auto &[grant, name] : kRedeemed) {
            if (grant == request_.grant) {
                request_.redeemed = value_of(name);
            }
        }
        request_.actor_token = value_of(KnownParameter::actor_token);
        request_.client_secret = value_of(KnownParameter::client_secret);
        request_.client_assertion = value_of(KnownParameter::client_assertion);
        return std::nullopt;
    }

    const Form &form_;
    string_view authorization_;
    Keeper keeper_;
    ClientIdentity client_;
    TokenRequest request_;
};

}  // namespace

Result<TokenRequest, Refusal> parse_token_request(string_view body, string_view authorization,
                                                  std::span<char> storage) {
    Keeper keeper(storage);
    const auto form = Form::parse(body, keeper.take(Form::storage_size(body.size())));
    if (!form) {
        return form.error();
    }
    return TokenRequestReader(*form, authorization, keeper).read();
}

}  // namespace ipfence
