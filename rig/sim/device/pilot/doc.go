// Package pilot is the app of the simulated remote controller: a stand-in for
// DJI Pilot 2 with its three network security modes, the services of restricted
// mode, settings screens, and jobs that talk to the simulated world. It has no
// line of the real app in it and looks like it only as far as the mode script
// fixtures/modes/dji-pilot2.yaml goes, whose labels it shows.
//
//	app := pilot.New(pilot.Config{Host: host, UID: 10085, Load: load, Save: save, NewPID: pids})
//	app.Launch()
//	app.Tap(finger) // so do Swipe, Type, Back; View is what they act on
//
// In standard mode it has something to say every second. In restricted mode
// each job belongs to a service and obeys its switch. In local data mode it
// closes what is open and is silent. [Knobs] make it break each of these.
package pilot
