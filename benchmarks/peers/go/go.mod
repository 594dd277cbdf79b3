module io.v3io.flink/benchmarks

go 1.19

require (
	github.com/nuclio/logger v0.0.1
	github.com/v3io/v3io-go v0.3.4
)

require (
	github.com/andybalholm/brotli v1.0.4 // indirect
	github.com/klauspost/compress v1.15.9 // indirect
	github.com/nuclio/errors v0.0.4 // indirect
	github.com/rs/xid v1.4.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.44.0 // indirect
	golang.org/x/net v0.23.0 // indirect
	golang.org/x/sync v0.1.0 // indirect
	zombiezen.com/go/capnproto2 v2.17.0+incompatible // indirect
)
