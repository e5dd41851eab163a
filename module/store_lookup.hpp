#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/store/fetch.hpp"
#include "module/shared_store.hpp"
#include "module/store_conversation.hpp"

namespace ipfence::module {

struct RequestState;

/// What one request asks the shared store, while its phases wait, and what it was told: each key is
/// asked for once. Ends with the request, and what is still on its way is dropped then (M08).
class StoreLookup {
  public:
    enum class State : std::uint8_t {
        settled,  ///< all that was asked is answered
        waiting,  ///< the phase handler returns NGX_AGAIN, and is called again
        failed,   ///< something could not be asked, and will not be asked again
    };

    /// Null when there is no memory. Lives as long as the state, or until the request is closed.
    static std::unique_ptr<StoreLookup> make(RequestState &state, SharedStore &store);

    ~StoreLookup();

    /// Asks for those of these credentials and sessions that were not asked for yet.
    State ask(std::span<const Digest> credentials, std::span<const Digest> sessions);

    /// Whether something could not be asked.
    bool has_failed() const noexcept { return has_failed_; }

    /// What the store said of a credential; null where it was not asked for it.
    const CredentialFetch *credential(const Digest &key) const noexcept;

    /// What it said of a session; likewise.
    const SessionFetch *session(const Digest &key) const noexcept;

    /// What came of it all, for the audit log; empty where nothing was asked.
    std::optional<std::string_view> outcome() const noexcept;

  private:
    template <class Fetch>
    struct Question {
        Question(StoreLookup &lookup_, const Digest &key_, const Instant &now)
            : lookup(lookup_),
              key(key_),
              fetch(lookup_.store_.format(), lookup_.store_.near_cache(), key_, now) {}

        StoreLookup &lookup;
        const Digest key;
        Fetch fetch;
        StoreConversation conversation;
    };
    template <class Fetch>
    using Questions = std::vector<std::unique_ptr<Question<Fetch>>>;

    StoreLookup(RequestState &state, SharedStore &store) noexcept : state_(state), store_(store) {}

    static void on_close(void *data) noexcept;
    template <class Fetch>
    void begin(Questions<Fetch> &questions, const Digest &key);
    template <class Fetch>
    void note_end(StoreConversation::State state, const Fetch &fetch) noexcept;
    template <class Fetch>
    static const Fetch *find(const Questions<Fetch> &questions, const Digest &key) noexcept;
    void cancel() noexcept;
    bool wait() noexcept;
    void resume() noexcept;

    RequestState &state_;
    SharedStore &store_;
    ngx_http_cleanup_t *cleanup_ = nullptr;
    Questions<CredentialFetch> credentials_;
    Questions<SessionFetch> sessions_;
    std::size_t running_ = 0;
    bool is_asking_ = false;
    bool has_failed_ = false;
    bool has_missed_ = false;
};

}  // namespace ipfence::module
