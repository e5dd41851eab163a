#include "module/audit.hpp"

#include <array>

#include "module/client_address.hpp"
#include "module/json_line.hpp"
#include "module/kind.hpp"
#include "module/verdict_text.hpp"

namespace ipfence::module {

namespace {

std::string_view request_id_of(ngx_http_request_t *r) noexcept {
    const auto index = static_cast<ngx_uint_t>(main_configuration(r)->request_id_index);
    const ngx_http_variable_value_t *value = ngx_http_get_indexed_variable(r, index);
    return (value == nullptr || value->not_found) ? std::string_view{} : view(*value);
}

// nginx's own text of the second that this event loop is in: no clock is asked.
std::string_view cached_time() noexcept {
    return {reinterpret_cast<const char *>(ngx_cached_http_log_iso8601.data),
            ngx_cached_http_log_iso8601.len};
}

void add_address(JsonLine &line, const std::optional<Address> &address) noexcept {
    if (!address) {
        line.null("ip");
        return;
    }
    std::array<char, Address::kMaxTextLength> text;
    line.text("ip", {text.data(), address->format(text)});
}

void add_operation(JsonLine &line, const std::optional<DecisionRequest> &request) noexcept {
    line.text_or_null("operation", request ? name_of(request->operation) : std::string_view{});
    line.text_or_null("flow", request ? name_of(request->flow) : std::string_view{});
    line.boolean("refreshed", request && request->refreshed);
    line.boolean("device_activated", request && request->device_activated);
}

std::string_view make_line(const RequestState &state) {
    constexpr std::size_t kFixedCapacity = 2048;
    constexpr std::size_t kLongestEscape = 6;

    ngx_http_request_t *r = state.request;
    const Verdict &verdict = *state.verdict;
    const std::optional<DecisionRequest> request = request_of(state);
    const std::string_view app = app_of(state);
    const std::string_view user = user_of(state);
    RuleText rule;

    JsonLine line(r->pool, kFixedCapacity + kLongestEscape * (app.size() + user.size()));
    line.text("time", cached_time());
    line.text("request_id", request_id_of(r));
    line.text("phase", verdict.phase == Phase::request ? "request" : "response");
    line.text("kind", name_of(state.kind));
    add_operation(line, request);
    add_address(line, request ? request->client_address : client_address_of(r));
    line.text("peer", view(r->connection->addr_text));
    line.text_or_null("app", app);
    line.text_or_null("user", user);
    line.text_or_null("profile", profile_of(state));
    line.text("decision", name_of(verdict.outcome));
    line.boolean("enforced", verdict.enforced);
    line.text("reason", name_of(verdict.reason));
    line.text_or_null("rule", rule_of(state, rule));
    line.text("policy", state.policy().hash());
    return line.finish();
}

// nginx's own access log speaks up once a minute, too: a full disk must not fill the next one.
void report_failure(ngx_http_request_t *r, const ngx_open_file_t &file, ssize_t written) {
    constexpr time_t kQuietSeconds = 60;
    static time_t last_report;

    const ngx_err_t error = (written == -1) ? ngx_errno : 0;
    if (ngx_time() - last_report < kQuietSeconds) {
        return;
    }
    last_report = ngx_time();
    ngx_log_error(NGX_LOG_ALERT, r->connection->log, error,
                  "ipfence: audit lines are lost, %s to \"%V\" failed (written: %z); free space or "
                  "mend its permissions",
                  ngx_write_fd_n, &file.name, written);
}

}  // namespace

void write_audit_line(const RequestState &state) {
    ngx_open_file_t *file = state.conf->audit;
    if (file == nullptr) {
        return;
    }
    const std::string_view line = make_line(state);
    const ssize_t written =
        line.empty() ? 0 : ngx_write_fd(file->fd, ngx_view(line).data, line.size());
    if (line.empty() || written != static_cast<ssize_t>(line.size())) {
        report_failure(state.request, *file, written);
    }
}

}  // namespace ipfence::module
