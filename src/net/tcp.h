// SPDX-License-Identifier: Apache-2.0
// TCP streams over descriptors; private to net.
#pragma once

#include "loop/loop.h"
#include "net/stream.h"

#include <memory>
#include <sys/socket.h>

namespace nacre::net {

/// Takes the non-blocking descriptor over.
std::unique_ptr<Stream> make_tcp_stream(Loop& loop, int descriptor, Address peer);

/// The text of a socket address; empty host for families we do not speak.
Address address_of(const sockaddr_storage& from);

} // namespace nacre::net
