// Package talk is how programs of the simulated device use the network: each
// [User] opens real sockets that carry its user id, so that /proc/net says who
// has them, asks names of the device's own resolver, and trusts by the device's
// own clock. What goes over the wire comes from crypto/tls, net/http, quic-go
// and the kernel.
//
//	host := talk.NewHost(talk.Config{Resolvers: resolvers, Roots: roots, Now: clock})
//	app := host.User(10085)
//	err := app.Request(ctx, talk.Request{To: talk.Peer{Name: "api.example", Port: 443}, Path: "/v1/ping"})
//	app.Kill() // what a process leaves open dies with it
//
// The process has to be root and inside the device's network namespace.
package talk
