// SPDX-License-Identifier: Apache-2.0
#include "streams/io_error.h"

namespace nacre::streams {

using wasi_io_p2::StreamError;

Result<std::string> IoError::to_debug_string(component::HostCall& /*call*/) {
  return cause_.message();
}

std::unexpected<StreamError> closed() {
  return std::unexpected{StreamError::closed()};
}
std::unexpected<StreamError> failed(nacre::Error cause) {
  return failed(std::make_unique<IoError>(std::move(cause)));
}
std::unexpected<StreamError> failed(std::unique_ptr<wasi_io_p2::Error> error) {
  return std::unexpected{StreamError::last_operation_failed(std::move(error))};
}

} // namespace nacre::streams
