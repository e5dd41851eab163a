#include "engine/store/reply.hpp"

#include <hiredis/hiredis.h>

#include <new>

namespace ipfence {

bool Reply::is_error(std::string_view word) const noexcept {
    return kind == Kind::error && text.starts_with(word) &&
           (text.size() == word.size() || text[word.size()] == ' ');
}

struct ReplyReader::State {
    struct Free {
        void operator()(redisReader *used) const noexcept { redisReaderFree(used); }
    };

    std::unique_ptr<redisReader, Free> reader;
    bool is_fed = true;  // false when there was no memory to take bytes
    // What the reply that is being read has taken of its bounds.
    std::size_t items = 0;
    std::size_t text_bytes = 0;

    bool take_item(std::size_t size) noexcept {
        text_bytes += size;
        return ++items <= kMaxItems && size <= kMaxText && text_bytes <= kMaxPending;
    }
};

namespace {

// The C library calls these for each item; null is its word for "refused".

Reply *place_of(const redisReadTask *task) noexcept {
    if (task->parent == nullptr) {
        return new (std::nothrow) Reply;
    }
    return &static_cast<Reply *>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
}

Reply::Kind kind_of(int type) noexcept {
    switch (type) {
        case REDIS_REPLY_STATUS:
            return Reply::Kind::status;
        case REDIS_REPLY_ERROR:
            return Reply::Kind::error;
        default:
            return Reply::Kind::text;
    }
}

}  // namespace

// Makes items as the bounds allow.
struct ItemMaker {
    using State = ReplyReader::State;

    static void *text(const redisReadTask *task, char *bytes, std::size_t size) noexcept {
        Reply *reply = make(task, size, kind_of(task->type));
        if (reply != nullptr && !fill([&] { reply->text.assign(bytes, size); })) {
            return refuse(task, reply);
        }
        return reply;
    }

    static void *list(const redisReadTask *task, int size) noexcept {
        if (size < 0 || static_cast<std::size_t>(size) > ReplyReader::kMaxItems) {
            return nullptr;
        }
        Reply *reply = make(task, 0, Reply::Kind::list);
        const auto items = static_cast<std::size_t>(size);
        if (reply != nullptr && (state_of(task).items + items > ReplyReader::kMaxItems ||
                                 !fill([&] { reply->items.resize(items); }))) {
            return refuse(task, reply);
        }
        return reply;
    }

    static void *integer(const redisReadTask *task, long long value) noexcept {
        Reply *reply = make(task, 0, Reply::Kind::integer);
        if (reply != nullptr) {
            reply->integer = value;
        }
        return reply;
    }

    static void *nothing(const redisReadTask *task) noexcept {
        return make(task, 0, Reply::Kind::nothing);
    }

    static void free(void *reply) noexcept { delete static_cast<Reply *>(reply); }

  private:
    static State &state_of(const redisReadTask *task) noexcept {
        return *static_cast<State *>(task->privdata);
    }

    static Reply *make(const redisReadTask *task, std::size_t size, Reply::Kind kind) noexcept {
        Reply *reply = state_of(task).take_item(size) ? place_of(task) : nullptr;
        if (reply != nullptr) {
            reply->kind = kind;
        }
        return reply;
    }

    template <class Filling>
    static bool fill(Filling &&filling) noexcept {
        try {
            filling();
            return true;
        } catch (const std::bad_alloc &) {
            return false;
        }
    }

    // Only a reply of its own has to be freed: the others are part of one.
    static void *refuse(const redisReadTask *task, Reply *reply) noexcept {
        if (task->parent == nullptr) {
            delete reply;
        }
        return nullptr;
    }
};

namespace {

redisReplyObjectFunctions kItemMaker{ItemMaker::text, ItemMaker::list, ItemMaker::integer,
                                     ItemMaker::nothing, ItemMaker::free};

}  // namespace

ReplyReader::ReplyReader(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
ReplyReader::ReplyReader(ReplyReader &&) noexcept = default;
ReplyReader::~ReplyReader() = default;

Result<ReplyReader> ReplyReader::create() {
    auto state = std::make_unique<State>();
    state->reader.reset(redisReaderCreateWithFunctions(&kItemMaker));
    if (!state->reader) {
        return Error{"there is no memory to read replies"};
    }
    state->reader->privdata = state.get();
    return ReplyReader(std::move(state));
}

void ReplyReader::feed(std::string_view bytes) noexcept {
    state_->is_fed =
        state_->is_fed && (bytes.empty() || redisReaderFeed(state_->reader.get(), bytes.data(),
                                                            bytes.size()) == REDIS_OK);
}

Result<std::optional<Reply>> ReplyReader::next() {
    redisReader &reader = *state_->reader;
    void *object = nullptr;
    if (!state_->is_fed || redisReaderGetReply(&reader, &object) != REDIS_OK) {
        return Error{state_->is_fed && reader.err == REDIS_ERR_PROTOCOL
                         ? std::string("what the server sent is no reply: ") + reader.errstr
                         : std::string("the server sent a reply that is larger than any of ours")};
    }
    if (object != nullptr) {
        const std::unique_ptr<Reply> reply(static_cast<Reply *>(object));
        state_->items = 0;
        state_->text_bytes = 0;
        return std::optional(std::move(*reply));
    }
    if (reader.len - reader.pos > kMaxPending) {
        return Error{"the server sent a reply that is larger than any of ours"};
    }
    return std::optional<Reply>();
}

}  // namespace ipfence
