#include "engine/credential/token_request.hpp"

#include <algorithm>
#include <array>

#include "engine/credential/basic.hpp"
#include "engine/credential/jwt.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

using std::string_view;

constexpr string_view kClientJwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// In the place of bad UTF-8, parsers put U+FFFD, leave the bytes, or leave the escapes. A password
// is the provider's to read.
constexpr std::array kReadable{KnownParameter::code,
                               KnownParameter::refresh_token,
                               KnownParameter::username,
                               KnownParameter::assertion,
                               KnownParameter::device_code,
                               KnownParameter::subject_token,
                               KnownParameter::actor_token,
                               KnownParameter::subject_token_type,
                               KnownParameter::actor_token_type};

// A value without an escape is printable ASCII.
bool is_unreadable(const Form &form, KnownParameter parameter) noexcept {
    return form.escaped().contains(parameter) && !is_utf8(*form.find(parameter));
}

bool has_unreadable_credential(const Form &form) noexcept {
    constexpr auto kAny = [] {
        KnownParameters all;
        for (const KnownParameter credential : kReadable) {
            all.insert(credential);
        }
        return all;
    }();
    return form.escaped().intersects(kAny) &&
           std::ranges::any_of(kReadable, [&form](KnownParameter credential) {
               return is_unreadable(form, credential);
           });
}

// The same of a value that must be given.
bool is_name_in(const Form &form, KnownParameter parameter) noexcept {
    const string_view value = *form.find(parameter);
    return form.escaped().contains(parameter) ? is_name(value) : !value.empty();
}

// G11: a token that memory knows is unknown to it in any other spelling, and an unknown subject
// token may have come from elsewhere.
bool has_other_spelling(string_view token) {
    return token.starts_with(' ') || token.ends_with(' ') ||
           read_unverified_jwt(token).kind == UnverifiedJwt::Kind::ambiguous;
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

constexpr string_view kUnreadableClient = "the client_id is empty or not readable text";

// Reads one token request, part by part. An objection is empty where there is none.
class TokenRequestReader {
  public:
    TokenRequestReader(const Form &form, string_view authorization, Keeper keeper,
                       TokenRequest &request)
        : form_(form), authorization_(authorization), keeper_(keeper), request_(request) {}

    string_view read() {
        using Reader = TokenRequestReader;
        return first_objection<&Reader::read_grant, &Reader::read_client_id,
                               &Reader::read_authorization, &Reader::read_client_assertion,
                               &Reader::read_typed_user, &Reader::read_redeemed>();
    }

  private:
    template <auto... kSteps>
    string_view first_objection() {
        string_view objection;
        static_cast<void>(((objection = (this->*kSteps)(), !objection.empty()) || ...));
        return objection;
    }

    string_view read_grant() {
        const auto grant = form_.find(KnownParameter::grant_type);
        if (!grant || grant->empty()) {
            return "grant_type is missing";
        }
        if (!is_name_in(form_, KnownParameter::grant_type)) {
            return "the grant_type is not readable text";
        }
        request_.grant = grant_named(*grant);
        return has_credential_of_another_grant(form_.given(), request_.grant)
                   ? "the request has parameters of another grant"
                   : string_view{};
    }

    // The voices of a request that say whose it is must not differ.
    string_view take_client(string_view client_id) noexcept {
        if (!request_.client_id.empty() && request_.client_id != client_id) {
            return "the request names more than one client";
        }
        request_.client_id = client_id;
        return {};
    }

    string_view read_client_id() {
        const auto client_id = form_.find(KnownParameter::client_id);
        if (!client_id) {
            return {};
        }
        return is_name_in(form_, KnownParameter::client_id) ? take_client(*client_id)
                                                            : kUnreadableClient;
    }

    string_view read_authorization() {
        if (authorization_.empty()) {
            return {};
        }
        const auto basic = parse_basic(authorization_, keeper_.take(2 * authorization_.size()));
        if (!basic) {
            return basic.error().description;
        }
        if (basic->raw_client_id != basic->client_id) {
            request_.raw_client_id = basic->raw_client_id;
        }
        return take_client(basic->client_id);
    }

    // RFC 7523, section 3: issuer and subject both are the client.
    string_view read_client_assertion() {
        const auto type = form_.find(KnownParameter::client_assertion_type);
        const auto assertion = form_.find(KnownParameter::client_assertion);
        if (!type && !assertion) {
            return {};
        }
        if (!type || *type != kClientJwt || !assertion) {
            return "client_assertion and its type must be a JWT bearer assertion";
        }
        const UnverifiedJwt jwt = read_unverified_jwt(*assertion);
        if (jwt.kind != UnverifiedJwt::Kind::claims) {
            return "the client_assertion is not a JWT with one reading";
        }
        const auto subject = jwt.claims->text("sub");
        if (!subject || jwt.claims->text("iss") != subject) {
            return "the client_assertion must have the client as issuer and subject";
        }
        return take_client(keeper_.keep(*subject));
    }

    string_view read_typed_user() {
        if (request_.grant == Grant::password) {
            return read_username();
        }
        if (request_.grant == Grant::jwt_bearer) {
            return read_assertion();
        }
        if (request_.grant == Grant::saml2_bearer &&
            form_.find(KnownParameter::assertion) == string_view{}) {
            return "the assertion is empty";
        }
        return {};
    }

    string_view read_username() {
        const auto username = form_.find(KnownParameter::username);
        if (username && !is_name_in(form_, KnownParameter::username)) {
            return "the username is empty or not readable text";
        }
        request_.typed_user = username.value_or(string_view{});
        return {};
    }

    string_view read_assertion() {
        const auto assertion = form_.find(KnownParameter::assertion);
        if (!assertion) {
            return {};
        }
        if (assertion->empty()) {
            return "the assertion is empty";
        }
        const UnverifiedJwt jwt = read_unverified_jwt(*assertion);
        if (jwt.kind == UnverifiedJwt::Kind::ambiguous) {
            return "the assertion is a JWT with more than one reading";
        }
        if (jwt.kind == UnverifiedJwt::Kind::claims) {
            request_.typed_user = keeper_.keep(jwt.claims->text("sub").value_or(string_view{}));
        }
        return {};
    }

    string_view value_of(KnownParameter name) const noexcept {
        return form_.find(name).value_or(string_view{});
    }

    string_view redeemed() const noexcept {
        switch (request_.grant) {
            case Grant::authorization_code:
                return value_of(KnownParameter::code);
            case Grant::refresh_token:
                return value_of(KnownParameter::refresh_token);
            case Grant::device_code:
                return value_of(KnownParameter::device_code);
            case Grant::token_exchange:
                return value_of(KnownParameter::subject_token);
            default:
                return {};
        }
    }

    string_view read_redeemed() {
        if (has_unreadable_credential(form_)) {
            return "a credential is not readable text";
        }
        request_.redeemed = redeemed();
        request_.actor_token = value_of(KnownParameter::actor_token);
        request_.asks_for_another_subject = request_.grant == Grant::token_exchange &&
                                            !value_of(KnownParameter::requested_subject).empty();
        if (request_.grant == Grant::token_exchange &&
            (has_other_spelling(request_.redeemed) || has_other_spelling(request_.actor_token))) {
            return "a token is spelled in a way that not all read alike";
        }
        request_.client_secret = value_of(KnownParameter::client_secret);
        request_.client_assertion = value_of(KnownParameter::client_assertion);
        return {};
    }

    const Form &form_;
    string_view authorization_;
    Keeper keeper_;
    TokenRequest &request_;
};

}  // namespace

Result<TokenRequest, Refusal> parse_token_request(string_view body, string_view authorization,
                                                  std::span<char> storage) {
    Keeper keeper(storage);
    const auto form = Form::parse(body, keeper.take(Form::storage_size(body.size())));
    Result<TokenRequest, Refusal> request{TokenRequest{}};
    if (!form) {
        request = form.error();
        return request;
    }
    const string_view objection = TokenRequestReader(*form, authorization, keeper, *request).read();
    if (!objection.empty()) {
        request = Refusal{objection};
    }
    return request;
}

}  // namespace ipfence
