#include "module/store_router.hpp"

#include <utility>

#include "engine/store/server_role.hpp"
#include "engine/store/store_names.hpp"

namespace ipfence::module {

namespace {

ServerName name_of(const StoreEndpoint &endpoint) {
    return {endpoint.host, endpoint.port};
}

// A call that was given back: its asker hears of it in another way. False.
bool drop(StoreCall &call) noexcept {
    call.asker = nullptr;
    return false;
}

bool is_unknown_or_forbidden(const Reply &reply) {
    return reply.is_error("ERR") || reply.is_error("NOPERM");
}

}  // namespace

void StoreRouter::begin() {
    if (!is_found() && !is_searching_) {
        (void)look_for_store();
    }
}

bool StoreRouter::send(StoreCallPointer call) {
    if (!is_found()) {
        if (!is_searching_ && !look_for_store()) {
            return drop(*call);
        }
        // The search may have ended while it was begun.
        if (!is_found()) {
            waiting_.push_back(std::move(call));
            return true;
        }
    }
    refresh_map();
    StoreNode *node = node_for(call->command.slot);
    call = node == nullptr ? std::move(call) : node->send(std::move(call));
    if (call == nullptr) {
        return true;
    }
    look_again();
    return drop(*call);
}

// The map of a cluster that has changed; not at once again, while the cluster itself looks for a
// new master.
void StoreRouter::refresh_map() {
    constexpr ngx_msec_t kPause = 200;
    if (is_map_old_ && !is_searching_ && ngx_current_msec - map_asked_ > kPause) {
        is_map_old_ = false;
        map_asked_ = ngx_current_msec;
        (void)look_for_store();
    }
}

std::optional<StoreEndpoint> StoreRouter::publisher() {
    const StoreNode *node = node_for(cluster_slot_of(StoreNames(settings_.prefix).generation()));
    return node == nullptr ? std::nullopt : std::optional(node->endpoint());
}

Breaker::State StoreRouter::breaker() const noexcept {
    Breaker::State worst = Breaker::State::closed;
    for (const auto &node : nodes_) {
        if (slots_ || node.get() == master_ || !is_found()) {
            worst = node->breaker() == Breaker::State::closed ? worst : node->breaker();
        }
    }
    return worst;
}

StoreNode *StoreRouter::node_of(const StoreEndpoint &endpoint, StoreNode::Kind kind) {
    for (const auto &node : nodes_) {
        if (node->endpoint() == endpoint) {
            return node.get();
        }
    }
    if (nodes_.size() == kMaxNodes) {
        return nullptr;
    }
    StoreNodeUser &user = *this;
    nodes_.push_back(std::make_unique<StoreNode>(user, settings_, tally_, kind, endpoint));
    return nodes_.back().get();
}

StoreNode *StoreRouter::node_of(const ServerName &server) {
    for (const StoreEndpoint &seed : settings_.seeds) {
        if (name_of(seed) == server && !uses_sentinels()) {
            return node_of(seed, StoreNode::Kind::redis);
        }
    }
    const auto endpoint = endpoint_of_address(server.host, server.port);
    return endpoint ? node_of(*endpoint, StoreNode::Kind::redis) : nullptr;
}

StoreNode *StoreRouter::node_for(std::optional<std::uint16_t> slot) {
    if (master_ != nullptr) {
        return master_;
    }
    if (!slots_ || slots_->servers().empty()) {
        return nullptr;
    }
    const ServerName *server = slot ? slots_->server_of(*slot) : &slots_->servers().front();
    return server == nullptr ? nullptr : node_of(*server);
}

// Asks one candidate after another, beginning with the one after the last.
bool StoreRouter::look_for_store() {
    is_searching_ = true;
    candidates_left_ = settings_.seeds.size() + (slots_ ? nodes_.size() : 0);
    if (ask_next_candidate()) {
        return true;
    }
    is_searching_ = false;
    return false;
}

// After the seeds come the nodes of the cluster: all seeds may be gone, and the cluster not.
bool StoreRouter::ask_next_candidate() {
    while (candidates_left_ > 0) {
        --candidates_left_;
        const std::size_t number = candidate_++ % (settings_.seeds.size() + nodes_.size());
        const bool is_seed = number < settings_.seeds.size();
        if (!is_seed && !slots_) {
            ++candidates_left_;
            candidate_ = 0;
            continue;
        }
        const StoreEndpoint candidate =
            is_seed ? settings_.seeds[number] : nodes_[number - settings_.seeds.size()]->endpoint();
        if (ask_candidate(candidate)) {
            return true;
        }
    }
    return false;
}

bool StoreRouter::ask_candidate(const StoreEndpoint &candidate) {
    const auto kind = uses_sentinels() ? StoreNode::Kind::sentinel : StoreNode::Kind::redis;
    asked_ = node_of(candidate, kind);
    if (asked_ == nullptr) {
        return false;
    }
    Command question{uses_sentinels() ? sentinel_master_command(settings_.sentinel_master)
                                      : cluster_slots_command(),
                     std::nullopt};
    StoreAsker *const asker = this;
    auto call = std::make_unique<StoreCall>(std::move(question), asker, 0);
    call->hops = kMaxHops;  // it is about this server, and no other
    call = asked_->send(std::move(call));
    return call == nullptr || drop(*call);
}

void StoreRouter::answered(std::size_t, Reply reply) {
    if (asked_ != nullptr) {
        take_found(*asked_, reply);
    }
}

void StoreRouter::unanswered(std::size_t) {
    if (!ask_next_candidate()) {
        give_up_search();
    }
}

void StoreRouter::abandoned(std::size_t) noexcept {
    is_searching_ = false;
    asked_ = nullptr;
}

void StoreRouter::take_found(StoreNode &node, const Reply &reply) {
    if (uses_sentinels()) {
        const auto master = parse_sentinel_master(reply);
        StoreNode *found = master ? node_of(*master) : nullptr;
        found != nullptr ? take_master(found) : unanswered(0);
        return;
    }
    auto slots = SlotMap::parse(reply, name_of(node.endpoint()));
    if (slots) {
        take_slots(std::move(slots).value());
    } else if (is_unknown_or_forbidden(reply)) {
        take_master(&node);  // of no cluster, or one that tells us nothing
    } else {
        unanswered(0);
    }
}

void StoreRouter::take_master(StoreNode *node) {
    if (master_ != node) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "ipfence_store: %s is the store",
                      node->endpoint().name().c_str());
    }
    master_ = node;
    slots_.reset();
    end_search();
}

void StoreRouter::take_slots(SlotMap slots) {
    if (!slots_) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "ipfence_store: a cluster of %uz masters is the store",
                      slots.servers().size());
    }
    master_ = nullptr;
    slots_ = std::move(slots);
    end_search();
}

void StoreRouter::end_search() {
    is_searching_ = false;
    asked_ = nullptr;
    for (StoreCallPointer &call : std::exchange(waiting_, {})) {
        send_or_fail(std::move(call));
    }
}

void StoreRouter::give_up_search() {
    is_searching_ = false;
    asked_ = nullptr;
    for (StoreCallPointer &call : std::exchange(waiting_, {})) {
        call->fail();
    }
}

// The master is no more, or not any more: the next command looks for another one. A cluster's map
// is good for all but the node that is gone.
void StoreRouter::look_again() noexcept {
    master_ = nullptr;
    is_map_old_ = slots_.has_value();
}

void StoreRouter::send_or_fail(StoreCallPointer call) {
    StoreAsker *asker = call->asker;
    const std::size_t number = call->number;
    if (!send(std::move(call)) && asker != nullptr) {
        asker->unanswered(number);
    }
}

// True when the command went on elsewhere.
bool StoreRouter::redirect(StoreNode &node, StoreCallPointer &call, const Reply &reply) {
    if (!reply.is(Reply::Kind::error)) {
        return false;
    }
    const auto to = slots_ ? parse_redirect(reply, name_of(node.endpoint())) : std::nullopt;
    if (!to) {
        if (is_unusable_server(reply)) {
            look_again();
        }
        return false;
    }
    if (to->kind == Redirect::Kind::moved) {
        slots_->move(to->slot, to->server);
        is_map_old_ = true;
    }
    StoreNode *next = call->hops < kMaxHops ? node_of(to->server) : nullptr;
    if (next == nullptr) {
        return false;
    }
    call->after_asking = to->kind == Redirect::Kind::ask;
    call = next->send(std::move(call));
    return call == nullptr;
}

void StoreRouter::node_answered(StoreNode &node, StoreCallPointer call, Reply reply) {
    if (call->asker == this || !redirect(node, call, reply)) {
        call->answer(std::move(reply));
    }
}

void StoreRouter::node_lost(StoreNode &node, std::deque<StoreCallPointer> calls) {
    if (&node == master_ || slots_) {
        look_again();
    }
    for (StoreCallPointer &call : calls) {
        // What was never sent may go to who takes the node's place.
        const bool may_go_on = call->sent == 0 && call->hops < kMaxHops && call->asker != this;
        may_go_on ? send_or_fail(std::move(call)) : call->fail();
    }
}

}  // namespace ipfence::module
