#include "module/store_connection.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace ipfence::module {

namespace {

// nginx says at every attempt what the user of the connection says once.
ngx_log_t quiet_log() noexcept {
    ngx_log_t log = *ngx_cycle->log;
    log.log_level = std::min<ngx_uint_t>(log.log_level, NGX_LOG_CRIT);
    return log;
}

int error_of_socket(ngx_socket_t descriptor) noexcept {
    int error = 0;
    socklen_t size = sizeof(error);
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : ngx_errno;
}

}  // namespace

bool StoreConnection::open(const StoreEndpoint &endpoint) {
    constexpr std::size_t kPoolSize = 1024;
    close();
    auto reader = ReplyReader::create();
    if (!reader) {
        return false;
    }
    reader_.emplace(std::move(reader).value());
    log_ = quiet_log();
    host_ = endpoint.host;
    const std::string name = endpoint.name();
    ngx_str_t name_view = ngx_view(name);
    ngx_peer_connection_t peer{};
    peer.sockaddr = reinterpret_cast<sockaddr *>(const_cast<sockaddr_storage *>(&endpoint.address));
    peer.socklen = endpoint.size;
    peer.name = &name_view;
    peer.get = ngx_event_get_peer;
    peer.log = &log_;
    peer.log_error = NGX_ERROR_INFO;

    const ngx_int_t rc = ngx_event_connect_peer(&peer);
    if (rc != NGX_OK && rc != NGX_AGAIN) {
        return false;
    }
    connection_ = peer.connection;
    connection_->data = this;
    connection_->pool = ngx_create_pool(kPoolSize, &log_);
    if (connection_->pool == nullptr) {
        close();
        return false;
    }
    connection_->log = connection_->pool->log = &log_;
    connection_->read->log = connection_->write->log = &log_;
    connection_->read->handler = connection_->write->handler = on_event;
    connection_->log_error = NGX_ERROR_INFO;
    if (rc == NGX_OK) {
        ngx_post_event(connection_->write, &ngx_posted_events);
    }
    return true;
}

void StoreConnection::close() noexcept {
    ++incarnation_;
    is_connected_ = false;
    out_.clear();
    sent_ = 0;
    if (flush_event_.posted) {
        ngx_delete_posted_event(&flush_event_);
    }
    ngx_connection_t *connection = std::exchange(connection_, nullptr);
    if (connection == nullptr) {
        return;
    }
    if (connection->ssl != nullptr) {
        // There is nobody to wait for: what was not acknowledged does not count.
        connection->ssl->no_wait_shutdown = 1;
        connection->ssl->no_send_shutdown = 1;
        (void)ngx_ssl_shutdown(connection);
    }
    ngx_pool_t *pool = connection->pool;
    ngx_close_connection(connection);
    if (pool != nullptr) {
        ngx_destroy_pool(pool);
    }
}

void StoreConnection::write(std::string_view bytes) {
    out_.append(bytes);
    flush_event_.handler = on_flush;
    flush_event_.data = this;
    flush_event_.log = &log_;
    if (!flush_event_.posted) {
        ngx_post_event(&flush_event_, &ngx_posted_events);
    }
}

// A step that runs out of memory ends the connection: nobody knows any more what came and what not.
template <class Step>
void StoreConnection::guarded(Step &&step) noexcept {
    try {
        step();
    } catch (const std::exception &exception) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "ipfence_store: %s", exception.what());
        try {
            lose("there is no memory");
        } catch (...) {
            close();
        }
    }
}

void StoreConnection::on_event(ngx_event_t *event) noexcept {
    auto *self = static_cast<StoreConnection *>(static_cast<ngx_connection_t *>(event->data)->data);
    self->guarded([&] { self->proceed(*event); });
}

void StoreConnection::on_flush(ngx_event_t *event) noexcept {
    auto *self = static_cast<StoreConnection *>(event->data);
    self->guarded([&] { self->flush(); });
}

void StoreConnection::on_handshake(ngx_connection_t *connection) noexcept {
    auto *self = static_cast<StoreConnection *>(connection->data);
    self->guarded([&] { self->hands_shaken(); });
}

void StoreConnection::proceed(ngx_event_t &event) {
    if (!is_connected_) {
        finish_connecting();
    } else if (event.write) {
        flush();
    } else {
        read();
    }
}

void StoreConnection::finish_connecting() {
    if (const int error = error_of_socket(connection_->fd); error != 0) {
        lose(std::generic_category().message(error));
        return;
    }
    if (tls_ != nullptr) {
        shake_hands();
        return;
    }
    is_connected_ = true;
    user_.connected();
}

void StoreConnection::shake_hands() {
    if (!tls_->prepare(connection_, host_)) {
        lose("TLS cannot be begun");
        return;
    }
    if (ngx_ssl_handshake(connection_) == NGX_AGAIN) {
        connection_->ssl->handler = on_handshake;
        return;
    }
    hands_shaken();
}

void StoreConnection::hands_shaken() {
    if (!connection_->ssl->handshaked) {
        lose("the TLS handshake failed; is it a TLS port?");
        return;
    }
    if (const char *objection = tls_->objection_to(connection_, host_)) {
        lose(std::string("its certificate is not accepted: ") + objection);
        return;
    }
    connection_->read->handler = connection_->write->handler = on_event;
    is_connected_ = true;
    const unsigned incarnation = incarnation_;
    user_.connected();
    if (incarnation == incarnation_) {
        read();  // it may have come with the last of the handshake
    }
}

void StoreConnection::read() {
    std::array<u_char, 16384> bytes;
    const unsigned incarnation = incarnation_;
    for (;;) {
        const ssize_t size = connection_->recv(connection_, bytes.data(), bytes.size());
        if (size == NGX_AGAIN) {
            if (ngx_handle_read_event(connection_->read, 0) != NGX_OK) {
                lose("its events cannot be waited for");
            }
            return;
        }
        if (size <= 0) {
            lose(words_for_end(size));
            return;
        }
        reader_->feed({reinterpret_cast<char *>(bytes.data()), static_cast<std::size_t>(size)});
        if (!deliver() || incarnation != incarnation_) {
            return;
        }
    }
}

// A server that wants a certificate says so by an alert, when the handshake is over for this side.
std::string_view StoreConnection::words_for_end(ssize_t size) const noexcept {
    if (size == 0) {
        return "it closed the connection";
    }
    return tls_ == nullptr
               ? "the connection broke"
               : "the connection broke, or TLS ended it by an alert; the server may want "
                 "a certificate (tls_certificate)";
}

// Hands on all replies that are whole. False when the connection has ended meanwhile.
bool StoreConnection::deliver() {
    const unsigned incarnation = incarnation_;
    for (;;) {
        auto next = reader_->next();
        if (!next) {
            lose(next.error().message);
            return false;
        }
        if (!next->has_value()) {
            return true;
        }
        user_.received(**next);
        if (incarnation != incarnation_) {
            return false;
        }
    }
}

void StoreConnection::flush() {
    while (is_connected_ && sent_ < out_.size()) {
        const ssize_t size = connection_->send(
            connection_, reinterpret_cast<u_char *>(out_.data()) + sent_, out_.size() - sent_);
        if (size == NGX_AGAIN) {
            if (ngx_handle_write_event(connection_->write, 0) != NGX_OK) {
                lose("its events cannot be waited for");
            }
            return;
        }
        if (size <= 0) {
            lose("the connection broke");
            return;
        }
        sent_ += static_cast<std::size_t>(size);
    }
    out_.clear();
    sent_ = 0;
}

void StoreConnection::lose(std::string_view why) {
    const std::string kept(why);
    close();
    user_.lost(kept);
}

}  // namespace ipfence::module
