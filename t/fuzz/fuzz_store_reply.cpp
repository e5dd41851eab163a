// What a server sends, in two pieces: taken apart, and read by whoever expects an answer of Redis.
// The first byte says where the pieces meet.

#include "engine/store/cluster.hpp"
#include "engine/store/reply.hpp"
#include "engine/store/server_role.hpp"
#include "engine/store/store_commands.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

const ServerName kAsked{"127.0.0.1", 6379};

struct Size {
    std::size_t items = 0;
    std::size_t bytes = 0;
};

void measure(const Reply &reply, Size &size) {
    ++size.items;
    size.bytes += reply.text.size();
    require(reply.text.size() <= ReplyReader::kMaxText, "no text is longer than is accepted");
    for (const Reply &item : reply.items) {
        measure(item, size);
    }
}

void read(const Reply &reply) {
    Size size;
    measure(reply, size);
    require(size.items <= ReplyReader::kMaxItems, "no reply has more items than are accepted");
    require(size.bytes <= ReplyReader::kMaxPending, "no reply has more bytes than are accepted");
    if (const auto map = SlotMap::parse(reply, kAsked); map.ok()) {
        for (std::uint16_t slot = 0; slot < kClusterSlots; ++slot) {
            const ServerName *server = map->server_of(slot);
            require(server == nullptr || server->port != 0, "a server has a port");
        }
    }
    if (const auto redirect = parse_redirect(reply, kAsked)) {
        require(redirect->slot < kClusterSlots, "a redirect names a slot");
        require(redirect->server.port != 0 && !redirect->server.host.empty(),
                "a redirect names a server");
    }
    if (const auto master = parse_sentinel_master(reply)) {
        require(master->port != 0 && !master->host.empty(), "a Sentinel names a server");
    }
    const bool has_role = parse_role(reply).has_value();
    require(!has_role || reply.is(Reply::Kind::list), "only a list says a role");
    require(!is_unusable_server(reply) || reply.is(Reply::Kind::error),
            "only an error says that a server is unusable");
    parse_generation(reply);
}

// All that can be read; false when the reader refused.
bool read_all(ReplyReader &reader, std::size_t &count) {
    while (true) {
        const auto reply = reader.next();
        if (!reply.ok()) {
            require(!reply.error().message.empty(), "an error says what is wrong");
            require(!reader.next().ok(), "who has refused once refuses for good");
            return false;
        }
        if (!*reply) {
            return true;
        }
        ++count;
        read(**reply);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t meeting = input.byte();
    const fuzz::ExactText text = input.rest();
    const std::string_view first = text.view().substr(0, meeting);
    auto pieces = ReplyReader::create().value();
    std::size_t in_pieces = 0;
    pieces.feed(first);
    bool is_read = read_all(pieces, in_pieces);
    pieces.feed(text.view().substr(first.size()));
    is_read = is_read && read_all(pieces, in_pieces);

    auto whole = ReplyReader::create().value();
    std::size_t at_once = 0;
    whole.feed(text.view());
    require(read_all(whole, at_once) == is_read, "pieces are refused as the whole is");
    require(at_once == in_pieces, "pieces say what the whole says");
    return 0;
}
