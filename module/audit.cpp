#include "module/audit.hpp"

#include <array>
#include <span>
#include <tuple>

#include "module/audit_file.hpp"
#include "module/audit_losses.hpp"
#include "module/candidate.hpp"
#include "module/client_address.hpp"
#include "module/json_line.hpp"
#include "module/kind.hpp"
#include "module/request_id.hpp"
#include "module/store_lookup.hpp"
#include "module/verdict_text.hpp"

namespace ipfence::module {

namespace {

// nginx's own text of the second that this event loop is in: no clock is asked.
std::string_view cached_time() noexcept {
    return {reinterpret_cast<const char *>(ngx_cached_http_log_iso8601.data),
            ngx_cached_http_log_iso8601.len};
}

void add_address(JsonLine &line, const std::optional<Address> &address) noexcept {
    if (!address) {
        line.null<"ip">();
        return;
    }
    std::array<char, Address::kMaxTextLength> text;
    line.word<"ip">({text.data(), address->format(text)});
}

void add_operation(JsonLine &line, const std::optional<DecisionRequest> &request) noexcept {
    line.word_or_null<"operation">(request ? name_of(request->operation) : std::string_view{});
    line.word_or_null<"flow">(request ? name_of(request->flow) : std::string_view{});
    line.boolean<"refreshed">(request && request->refreshed);
    line.boolean<"device_activated">(request && request->device_activated);
}

void add_store(JsonLine &line, const RequestState &state) noexcept {
    if (const auto outcome =
            state.store_lookup == nullptr ? std::nullopt : state.store_lookup->outcome()) {
        line.word<"store">(*outcome);
    }
}

void add_candidate(JsonLine &line, const RequestState &state) {
    const Policy *candidate = state.candidate();
    if (candidate == nullptr) {
        return;
    }
    const std::optional<Decision> &decision = state.verdict->candidate;
    RuleText rule;
    line.word<"candidate_policy">(candidate->hash());
    line.word_or_null<"candidate_decision">(decision ? name_of(decision->outcome)
                                                     : std::string_view{});
    line.word_or_null<"candidate_reason">(decision ? name_of(decision->reason)
                                                   : std::string_view{});
    line.text_or_null<"candidate_rule">(rule_of(decision, rule));
    line.text_or_null<"candidate_profile">(profile_of(decision));
    line.boolean<"candidate_flip">(is_flip(*state.verdict));
}

std::string_view claimed_profile_of(const std::optional<DecisionRequest> &request) noexcept {
    return request ? request->claimed_profile.value_or(std::string_view{}) : std::string_view{};
}

// Empty: it does not fit into the storage.
std::string_view make_line(const RequestState &state, std::span<u_char> storage) {
    ngx_http_request_t *r = state.request;
    const Verdict &verdict = *state.verdict;
    const std::optional<DecisionRequest> request = request_of(state);
    const std::string_view claimed_profile = claimed_profile_of(request);
    RuleText rule;

    JsonLine line(storage);
    line.word<"time">(cached_time());
    line.text<"request_id">(request_id_of(state));
    line.word<"phase">(verdict.phase == Phase::request ? "request" : "response");
    line.word<"kind">(name_of(state.kind));
    add_operation(line, request);
    add_address(line, request ? request->client_address : client_address_of(r));
    line.text<"peer">(view(r->connection->addr_text));
    line.text_or_null<"app">(app_of(request));
    line.text_or_null<"user">(user_of(state, request));
    line.text_or_null<"profile">(profile_of(verdict));
    if (!claimed_profile.empty()) {
        line.text<"claimed_profile">(claimed_profile);
    }
    line.word<"decision">(name_of(verdict.outcome));
    line.boolean<"enforced">(verdict.enforced);
    line.word<"reason">(name_of(verdict.reason));
    line.text_or_null<"rule">(rule_of(verdict, rule));
    add_store(line, state);
    line.word<"policy">(state.policy().hash());
    add_candidate(line, state);
    return line.finish();
}

// As many bytes as the line can have.
std::size_t longest_line(const RequestState &state) {
    constexpr std::size_t kAllElse = 2048;
    constexpr std::size_t kLongestEscape = 6;
    const std::optional<DecisionRequest> request = request_of(state);
    const std::size_t names = app_of(request).size() + user_of(state, request).size() +
                              claimed_profile_of(request).size() +
                              profile_of(*state.verdict).size() +
                              profile_of(state.verdict->candidate).size();
    const std::size_t rules = 2 * std::tuple_size_v<RuleText>;
    return kAllElse + kLongestEscape * (names + rules);
}

// The same for a line that fits into nothing that is at hand. Empty: there is no memory.
std::string_view make_long_line(const RequestState &state) {
    const std::size_t size = longest_line(state);
    auto *memory = static_cast<u_char *>(ngx_pnalloc(state.request->pool, size));
    return memory == nullptr ? std::string_view{} : make_line(state, {memory, size});
}

void report_unmade(ngx_http_request_t *r) {
    audit_losses.add();
    if (audit_losses.is_reason_due()) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "ipfence: audit lines are lost, there is no memory to make them; raise "
                      "nginx's memory limit");
    }
}

// One datagram, without the newline. nginx says in its error log when it cannot send.
void send_line(ngx_http_request_t *r, ngx_syslog_peer_t &peer, std::string_view line) {
    constexpr std::string_view kPriorityAndTime = "<255>Jan 01 00:00:00 ";
    constexpr std::size_t kSeparators = 3;
    const std::size_t header =
        kPriorityAndTime.size() + ngx_cycle->hostname.len + peer.tag.len + kSeparators;
    auto *message = static_cast<u_char *>(ngx_pnalloc(r->pool, header + line.size()));
    if (message == nullptr) {
        report_unmade(r);
        return;
    }
    u_char *end = ngx_syslog_add_header(&peer, message);
    end = ngx_cpymem(end, line.data(), line.size() - 1);
    const auto size = static_cast<std::size_t>(end - message);
    if (ngx_syslog_send(&peer, message, size) != static_cast<ssize_t>(size)) {
        audit_losses.add();
    } else {
        audit_losses.report(r->connection->log);
    }
}

}  // namespace

void write_audit_line(const RequestState &state) {
    ngx_log_t *log = state.request->connection->log;
    AuditFile *file = state.conf->audit_syslog == nullptr ? state.conf->audit : nullptr;
    const std::span<u_char> room = file == nullptr ? std::span<u_char>{} : file->room();
    if (!room.empty()) {
        if (const std::string_view line = make_line(state, room); !line.empty()) {
            file->keep(line.size(), log);
            return;
        }
    }
    std::array<u_char, 4096> usual;  // nearly every line fits into it
    std::string_view line = make_line(state, usual);
    line = line.empty() ? make_long_line(state) : line;
    if (line.empty()) {
        report_unmade(state.request);
    } else if (file != nullptr) {
        file->write(line, log);
    } else {
        send_line(state.request, *state.conf->audit_syslog, line);
    }
}

}  // namespace ipfence::module
