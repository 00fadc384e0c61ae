-- SPDX-License-Identifier: Apache-2.0
-- For wrk: every request posts 1 MiB.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/octet-stream"
wrk.body = string.rep("0123456789abcdef", 65536)
