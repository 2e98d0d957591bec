package controller

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Act is one part of a stimulus.
type Act struct {
	What string // for journals: "stimulus reboot", "stimulus tour: maps"
	Home bool   // it begins at the app's home screen
	Do   []Step
}

// Acts lists what a stimulus consists of. Its name is [Idle], which is nothing;
// [Tour], which is the stimuli of those of the services that have one; the id
// of a service; or the name of one of the script's stimuli.
func (s *Script) Acts(stimulus string, services []string) ([]Act, error) {
	switch stimulus {
	case Idle:
		return nil, nil
	case Tour:
		return s.tour(services)
	}
	if i := slices.IndexFunc(s.Stimuli, func(x Stimulus) bool { return x.Name == stimulus }); i >= 0 {
		do := s.Stimuli[i].Do
		return []Act{{What: "stimulus " + stimulus, Home: needsHome(do), Do: do}}, nil
	}
	for _, service := range s.Services {
		if service.ID == stimulus && len(service.Stimulus) > 0 {
			return []Act{{What: "stimulus " + stimulus, Home: true, Do: service.Stimulus}}, nil
		}
	}
	return nil, fmt.Errorf("stimulus %q is not in script %s; it has: %s", stimulus, s.Name, strings.Join(s.stimulusNames(), ", "))
}

// needsHome reports whether steps do something on the app's screen before they
// start or end the app by themselves. Those that never do leave it where it is.
func needsHome(steps []Step) bool {
	for i := range steps {
		s := &steps[i]
		switch {
		case s.Launch, s.Stop, s.Reboot, s.Key == "home":
			return false
		case s.target() != nil, s.Key != "":
			return true
		}
	}
	return false
}

func (s *Script) tour(ids []string) ([]Act, error) {
	var acts []Act
	for _, id := range ids {
		service, err := s.Service(id)
		if err != nil {
			return nil, err
		}
		if len(service.Stimulus) > 0 {
			acts = append(acts, Act{What: "stimulus tour: " + id, Home: true, Do: service.Stimulus})
		}
	}
	if len(acts) == 0 {
		return nil, errors.New("stimulus tour: none of the services has a stimulus; name others under services in the bench file")
	}
	return acts, nil
}

func (s *Script) stimulusNames() []string {
	names := []string{Idle, Tour}
	for _, x := range s.Stimuli {
		names = append(names, x.Name)
	}
	for _, x := range s.Services {
		if len(x.Stimulus) > 0 {
			names = append(names, x.ID)
		}
	}
	return names
}

// Service finds a service by its id; the error lists those that there are.
func (s *Script) Service(id string) (*Service, error) {
	ids := make([]string, len(s.Services))
	for i := range s.Services {
		if s.Services[i].ID == id {
			return &s.Services[i], nil
		}
		ids[i] = s.Services[i].ID
	}
	return nil, fmt.Errorf("service %q is not in script %s; it has: %s", id, s.Name, strings.Join(ids, ", "))
}

// Known checks the services that a bench names and returns them; where it names
// none, all of the script.
func (s *Script) Known(services []string) ([]string, error) {
	if len(services) > 0 {
		for _, id := range services {
			if _, err := s.Service(id); err != nil {
				return nil, err
			}
		}
		return slices.Clone(services), nil
	}
	for _, service := range s.Services {
		services = append(services, service.ID)
	}
	return services, nil
}
