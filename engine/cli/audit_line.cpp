#include "engine/cli/audit_line.hpp"

#include <optional>
#include <string>

#include "engine/json.hpp"

namespace ipfence::cli {

namespace {

// Takes members out of a line, and remembers the first that is not as it should be.
class LineMembers {
  public:
    explicit LineMembers(const json_t *line) : line_(line) {}

    std::optional<std::string_view> text_or_null(const char *key) {
        const json_t *value = json_object_get(line_, key);
        if (value == nullptr || json_is_null(value)) {
            return std::nullopt;
        }
        if (!json_is_string(value)) {
            reject(key, "is no string");
            return std::nullopt;
        }
        return view_of(value);
    }

    std::string_view text(const char *key) {
        const auto text = text_or_null(key);
        if (!text) {
            reject(key, "is missing");
        }
        return text.value_or(std::string_view{});
    }

    bool flag(const char *key) {
        const json_t *value = json_object_get(line_, key);
        if (value != nullptr && !json_is_boolean(value)) {
            reject(key, "is neither true nor false");
        }
        return json_is_true(value);
    }

    // What `read` makes of a member's text.
    template <class Read>
    auto value(const char *key, Read read) -> typename decltype(read(""))::value_type {
        const auto value = read(text(key));
        if (!value) {
            reject(key, "is not known");
        }
        return value.value_or(typename decltype(read(""))::value_type{});
    }

    std::optional<Address> address(const char *key) {
        const auto text = text_or_null(key);
        const auto address = text ? Address::parse(*text) : std::nullopt;
        if (text && !address) {
            reject(key, "is no IP address");
        }
        return address;
    }

    const std::string &fault() const noexcept { return fault_; }

  private:
    void reject(const char *key, const char *why) {
        if (fault_.empty()) {
            fault_ = std::string(key) + ' ' + why;
        }
    }

    const json_t *line_;
    std::string fault_;
};

}  // namespace

Result<AuditLine> parse_audit_line(std::string_view line) {
    json_error_t error;
    OwnedJson document = load_json(line, JSON_REJECT_DUPLICATES, &error);
    if (!document || !json_is_object(document.get())) {
        return Error{"is no JSON object"};
    }
    LineMembers members(document.get());
    AuditLine audit;
    audit.time = members.text_or_null("time").value_or(std::string_view{});
    audit.request_id = members.text_or_null("request_id").value_or(std::string_view{});
    audit.outcome = members.value("decision", outcome_of);
    audit.reason = members.value("reason", reason_of);
    if (members.fault().empty() && is_of_a_decision(audit.reason)) {
        audit.request.client_address = members.address("ip");
        audit.request.user = members.text_or_null("user");
        audit.request.app = members.text_or_null("app");
        audit.request.operation = members.value("operation", operation_of);
        audit.request.flow = members.value("flow", flow_of);
        audit.request.refreshed = members.flag("refreshed");
        audit.request.device_activated = members.flag("device_activated");
        audit.request.claimed_profile = members.text_or_null("claimed_profile");
        if (audit.reason == Reason::profile_unknown && !audit.request.claimed_profile) {
            audit.request.claimed_profile = std::string_view{};  // the token claimed no text
        }
    }
    if (!members.fault().empty()) {
        return Error{members.fault()};
    }
    audit.document = std::move(document);
    return audit;
}

}  // namespace ipfence::cli
