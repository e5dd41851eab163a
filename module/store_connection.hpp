#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/store/reply.hpp"
#include "module/nginx.hpp"
#include "module/store_endpoint.hpp"
#include "module/store_tls.hpp"

namespace ipfence::module {

/// Who uses a StoreConnection, and is told what happens on it. Either call may open or close the
/// connection.
class StoreConnectionUser {
  public:
    /// The connection is there, TLS and all: what is written from here on is sent.
    virtual void connected() = 0;

    /// A reply, or what a subscription pushes, in the order in which it came.
    virtual void received(const Reply &reply) = 0;

    /// The connection could not be made, or has ended; `why` is for the error log. Not called after
    /// `close`.
    virtual void lost(std::string_view why) = 0;

  protected:
    ~StoreConnectionUser() = default;
};

/// One connection to one Redis node, over nginx's event loop and nginx's TLS: bytes out, replies
/// in. What is written in one turn of the event loop leaves in one piece, so commands are
/// pipelined. Of one process: it is opened after the fork (L13).
class StoreConnection {
  public:
    /// `user` must outlive it. `tls` is null where the connection is not encrypted.
    StoreConnection(StoreConnectionUser &user, const StoreTls *tls) noexcept
        : user_(user), tls_(tls) {}
    StoreConnection(const StoreConnection &) = delete;
    StoreConnection &operator=(const StoreConnection &) = delete;
    ~StoreConnection() { close(); }

    bool is_open() const noexcept { return connection_ != nullptr; }

    /// Begins to connect; the user hears what becomes of it. False, and the user hears nothing,
    /// when the system has no connection to give.
    bool open(const StoreEndpoint &endpoint);

    /// Sends bytes at the end of this turn of the event loop. Only between `connected` and `lost`.
    void write(std::string_view bytes);

    /// Ends it, whatever it is at; silently.
    void close() noexcept;

  private:
    static void on_event(ngx_event_t *event) noexcept;
    static void on_flush(ngx_event_t *event) noexcept;
    static void on_handshake(ngx_connection_t *connection) noexcept;

    template <class Step>
    void guarded(Step &&step) noexcept;
    void proceed(ngx_event_t &event);
    void finish_connecting();
    void shake_hands();
    void hands_shaken();
    void read();
    std::string_view words_for_end(ssize_t size) const noexcept;
    bool deliver();
    void flush();
    void lose(std::string_view why);

    StoreConnectionUser &user_;
    const StoreTls *tls_;
    ngx_log_t log_{};
    ngx_connection_t *connection_ = nullptr;
    std::string host_;
    std::optional<ReplyReader> reader_;
    bool is_connected_ = false;
    unsigned incarnation_ =
        0;  // tells whether a call to the user has closed what it was called from
    std::string out_;
    std::size_t sent_ = 0;
    ngx_event_t flush_event_{};
};

}  // namespace ipfence::module
