#include "module/store_node.hpp"

#include <chrono>
#include <utility>

#include "engine/store/server_role.hpp"

namespace ipfence::module {

namespace {

// Longer than any request waits, so that a connection over a slow network comes about all the same.
constexpr ngx_msec_t kConnectTimeout = 1000;
// A master that becomes a replica keeps its connections, and goes on to answer by what it knew.
constexpr ngx_msec_t kRoleInterval = 1000;

bool is_master_or_unsaid(const Reply &reply) {
    const auto role = parse_role(reply);
    // A user whose rights do not cover ROLE finds out by READONLY.
    return role ? *role == ServerRole::master : reply.is_error("NOPERM");
}

}  // namespace

StoreNode::StoreNode(StoreNodeUser &user, const StoreSettings &settings, StoreTally &tally,
                     Kind kind, StoreEndpoint endpoint) noexcept
    : user_(user),
      settings_(settings),
      tally_(tally),
      kind_(kind),
      endpoint_(std::move(endpoint)),
      connection_(*this, settings.tls.get()) {}

StoreNode::~StoreNode() {
    close();
}

StoreCallPointer StoreNode::send(StoreCallPointer call) {
    if (stage_ != Stage::closed && !connection_.is_open()) {
        close();  // without memory it ended in silence
    }
    if (!breaker_.may_ask(ngx_current_msec)) {
        return call;
    }
    if (stage_ == Stage::closed) {
        if (!connection_.open(endpoint_)) {
            breaker_.failed(ngx_current_msec);
            say(NGX_LOG_ERR, "it cannot be connected to");
            return call;
        }
        stage_ = Stage::connecting;
        timer_.set(kConnectTimeout);
    }
    call->node = this;
    call->sent = 0;
    ++call->hops;
    StoreCall &sent = *call;
    calls_.push_back(std::move(call));
    if (stage_ == Stage::ready) {
        transmit(sent);
        watch_oldest();
    }
    return nullptr;
}

void StoreNode::leave(std::string_view why) {
    connection_.close();
    lost(why);
}

void StoreNode::close() noexcept {
    connection_.close();
    stage_ = Stage::closed;
    calls_.clear();
    timer_.cancel();
}

std::vector<std::string> StoreNode::greetings() const {
    std::vector<std::string> commands;
    const StoreLocation &location = settings_.location;
    if (kind_ == Kind::sentinel) {
        return commands;
    }
    if (!location.password.empty()) {
        commands.push_back(authenticate_command(location.user, location.password));
    }
    if (location.database != 0) {
        commands.push_back(select_command(location.database));
    }
    commands.push_back(role_command());
    return commands;
}

void StoreNode::connected() {
    const std::vector<std::string> commands = greetings();
    greetings_left_ = commands.size();
    stage_ = Stage::greeting;
    for (const std::string &command : commands) {
        connection_.write(command);
    }
    if (commands.empty()) {
        become_ready();
    }
}

void StoreNode::take_greeting(const Reply &reply) {
    --greetings_left_;
    if (greetings_left_ != 0) {
        if (!reply.is_status("OK")) {
            leave(reply.is(Reply::Kind::error) ? reply.text : "it does not speak Redis's protocol");
        }
        return;
    }
    if (!is_master_or_unsaid(reply)) {
        leave(reply.is(Reply::Kind::error) ? reply.text : "it is a replica");
        return;
    }
    become_ready();
}

void StoreNode::become_ready() {
    stage_ = Stage::ready;
    role_asked_ = ngx_current_msec;
    tally_.count(StoreCounter::connections);
    timer_.cancel();
    for (const StoreCallPointer &call : calls_) {
        transmit(*call);
    }
    watch_oldest();
}

void StoreNode::transmit(StoreCall &call) {
    if (kind_ == Kind::redis && ngx_current_msec - role_asked_ >= kRoleInterval) {
        role_asked_ = ngx_current_msec;
        call.after_role = true;
        connection_.write(role_command());
    }
    if (call.after_asking) {
        connection_.write(asking_command());
    }
    connection_.write(call.command.bytes);
    call.sent = ngx_current_msec;
    call.sent_at = std::chrono::steady_clock::now();
}

// The reply to the oldest command is the next to come.
void StoreNode::watch_oldest() {
    timer_.cancel();
    if (!calls_.empty()) {
        const ngx_msec_t waited = ngx_current_msec - calls_.front()->sent;
        timer_.set(waited < settings_.timeout ? settings_.timeout - waited : 1);
    }
}

void StoreNode::received(const Reply &reply) {
    if (stage_ == Stage::greeting) {
        take_greeting(reply);
        return;
    }
    if (calls_.empty()) {
        leave("it answered what nobody asked");
        return;
    }
    // What ROLE and ASKING were answered belongs to nobody.
    if (std::exchange(calls_.front()->after_role, false)) {
        if (!is_master_or_unsaid(reply)) {
            leave(reply.is(Reply::Kind::error) ? reply.text : "it is a replica");
        }
        return;
    }
    if (std::exchange(calls_.front()->after_asking, false)) {
        return;
    }
    StoreCallPointer call = std::move(calls_.front());
    calls_.pop_front();
    watch_oldest();
    note_reply(*call, reply);
    user_.node_answered(*this, std::move(call), reply);
}

void StoreNode::note_reply(const StoreCall &call, const Reply &reply) {
    using std::chrono::microseconds;
    const auto took = std::chrono::steady_clock::now() - call.sent_at;
    tally_.count(StoreCounter::round_trips);
    tally_.count(
        StoreCounter::round_trip_microseconds,
        static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(took).count()));
    if (is_unusable_server(reply)) {
        breaker_.failed(ngx_current_msec);
        say(NGX_LOG_ERR, reply.text);
        return;
    }
    breaker_.succeeded();
    if (std::exchange(is_reported_down_, false)) {
        say(NGX_LOG_NOTICE, "it answers again");
    }
}

void StoreNode::lost(std::string_view why) {
    const bool was_idle = stage_ == Stage::ready && calls_.empty();
    stage_ = Stage::closed;
    timer_.cancel();
    if (!was_idle) {
        breaker_.failed(ngx_current_msec);
        say(NGX_LOG_ERR, why);
    }
    user_.node_lost(*this, std::exchange(calls_, {}));
}

void StoreNode::on_timer(void *data) noexcept {
    auto *self = static_cast<StoreNode *>(data);
    try {
        self->leave(self->stage_ == Stage::ready ? "it does not answer in time"
                                                 : "it does not take connections in time");
    } catch (...) {
        self->close();
    }
}

void StoreNode::say(ngx_uint_t level, std::string_view what) {
    if (level == NGX_LOG_ERR && std::exchange(is_reported_down_, true)) {
        return;
    }
    const std::string name = endpoint_.name();
    const ngx_str_t text = ngx_view(what);
    ngx_log_error(level, ngx_cycle->log, 0, "ipfence_store: %s: %V", name.c_str(), &text);
}

}  // namespace ipfence::module
