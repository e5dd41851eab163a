#include "module/store_lookup.hpp"

#include "module/request_state.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

StoreCounter counter_of(StoreConversation::State state, Fetched fetched, bool was_sent) noexcept {
    switch (state) {
        case StoreConversation::State::done:
            return fetched == Fetched::hit ? StoreCounter::requests_hit
                                           : StoreCounter::requests_miss;
        case StoreConversation::State::timed_out:
            return StoreCounter::requests_timed_out;
        default:
            return was_sent ? StoreCounter::requests_failed : StoreCounter::requests_refused;
    }
}

}  // namespace

std::unique_ptr<StoreLookup> StoreLookup::make(RequestState &state, SharedStore &store) {
    std::unique_ptr<StoreLookup> lookup(new StoreLookup(state, store));
    // nginx may end a request long before it frees its pool.
    lookup->cleanup_ = ngx_http_cleanup_add(state.request, 0);
    if (lookup->cleanup_ == nullptr) {
        return nullptr;
    }
    lookup->cleanup_->handler = on_close;
    lookup->cleanup_->data = lookup.get();
    return lookup;
}

StoreLookup::~StoreLookup() {
    if (cleanup_ != nullptr) {
        cleanup_->handler = nullptr;
    }
}

void StoreLookup::on_close(void *data) noexcept {
    auto *self = static_cast<StoreLookup *>(data);
    self->cleanup_ = nullptr;
    self->cancel();
}

void StoreLookup::cancel() noexcept {
    for (const auto &question : credentials_) {
        question->conversation.cancel();
    }
    for (const auto &question : sessions_) {
        question->conversation.cancel();
    }
    running_ = 0;
    has_failed_ = true;
}

StoreLookup::State StoreLookup::ask(std::span<const Digest> credentials,
                                    std::span<const Digest> sessions) {
    is_asking_ = true;
    for (const Digest &key : credentials) {
        begin(credentials_, key);
    }
    for (const Digest &key : sessions) {
        begin(sessions_, key);
    }
    is_asking_ = false;
    if (running_ > 0 && wait()) {
        return State::waiting;
    }
    return has_failed_ ? State::failed : State::settled;
}

template <class Fetch>
void StoreLookup::begin(Questions<Fetch> &questions, const Digest &key) {
    if (has_failed_ || find(questions, key) != nullptr) {
        return;
    }
    questions.push_back(
        std::make_unique<Question<Fetch>>(*this, key, Instant{ngx_time(), memory_now()}));
    Question<Fetch> &question = *questions.back();
    const auto ended = [](void *data, StoreConversation::State state) {
        auto *ended_question = static_cast<Question<Fetch> *>(data);
        StoreLookup &lookup = ended_question->lookup;
        --lookup.running_;
        lookup.note_end(state, ended_question->fetch);
        if (lookup.running_ == 0 && !lookup.is_asking_) {
            lookup.resume();
        }
    };
    const auto state = question.conversation.begin(
        store_.router(), question.fetch, state_.store_budget.left(store_.settings().timeout), ended,
        &question);
    if (state == StoreConversation::State::running) {
        ++running_;
    } else {
        note_end(state, question.fetch);
    }
}

template <class Fetch>
void StoreLookup::note_end(StoreConversation::State state, const Fetch &fetch) noexcept {
    store_.tally().count(counter_of(state, fetch.outcome(), !is_asking_));
    store_.note_standing();
    has_failed_ |= state != StoreConversation::State::done;
    has_missed_ |= fetch.outcome() != Fetched::hit;
}

template <class Fetch>
const Fetch *StoreLookup::find(const Questions<Fetch> &questions, const Digest &key) noexcept {
    for (const auto &question : questions) {
        if (question->key == key) {
            return &question->fetch;
        }
    }
    return nullptr;
}

const CredentialFetch *StoreLookup::credential(const Digest &key) const noexcept {
    return find(credentials_, key);
}

const SessionFetch *StoreLookup::session(const Digest &key) const noexcept {
    return find(sessions_, key);
}

std::optional<std::string_view> StoreLookup::outcome() const noexcept {
    if (credentials_.empty() && sessions_.empty()) {
        return std::nullopt;
    }
    if (has_failed_) {
        return "failed";
    }
    return has_missed_ ? "miss" : "hit";
}

// As nginx's own delays wait: a client that goes is noticed. False when that cannot be waited for.
bool StoreLookup::wait() noexcept {
    ngx_http_request_t *r = state_.request;
    state_.store_budget.begin();
    if (r != r->main) {
        return true;
    }
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        cancel();
        return false;
    }
    r->read_event_handler = ngx_http_test_reading;
    return true;
}

void StoreLookup::resume() noexcept {
    ngx_http_request_t *r = state_.request;
    ngx_connection_t *connection = r->connection;
    state_.store_budget.end();
    ngx_http_set_log_request(connection->log, r);
    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;
    }
    r->write_event_handler = ngx_http_core_run_phases;
    if (ngx_http_post_request(r, nullptr) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    ngx_http_run_posted_requests(connection);
}

}  // namespace ipfence::module
