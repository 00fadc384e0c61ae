// SPDX-License-Identifier: Apache-2.0
// What keeps a guest's text from steering the terminal or the log of whoever reads it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nacre::wasi_cli {

/// Printable text on one line: control characters, C1 controls and bytes that are no UTF-8 become
/// \xNN; a backslash stays one.
std::string visible(std::string_view text);

/// Masks escape sequences in a stream of bytes, in place and byte for byte: control characters
/// other than tab and line ends become '?', C1 controls another letter. Remembers what came before,
/// so sequences cut in two are seen.
class EscapeMask {
public:
  void apply(std::span<char> bytes);

private:
  unsigned char previous_ = 0;
};

} // namespace nacre::wasi_cli
