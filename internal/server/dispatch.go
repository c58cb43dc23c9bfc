package server

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/protocol/restjson"
)

// A dispatcher finds the service and operation that a request is for from its
// protocol alone: the version of a query, the target of a JSON call, the method and
// path of a REST call. What the signature claims has no part in it.
type dispatcher struct {
	byVersion map[string]*api.Service // query services
	byTarget  map[string]*api.Service // JSON services
	byScope   map[string]*api.Service
	routes    *restjson.Routes // of REST services
}

func newDispatcher(services []*api.Service) dispatcher {
	d := dispatcher{
		byVersion: make(map[string]*api.Service),
		byTarget:  make(map[string]*api.Service),
		byScope:   make(map[string]*api.Service),
	}
	var rest []*api.Operation
	for _, s := range services {
		d.byScope[s.SigningName] = s
		switch s.Protocol {
		case "query":
			d.byVersion[s.APIVersion] = s
		case "rest-json":
			rest = append(rest, s.Operations...)
		default:
			d.byTarget[s.TargetPrefix] = s
			// Some clients leave the namespace of a prefix out, and AWS takes both.
			d.byTarget[s.TargetPrefix[strings.LastIndexByte(s.TargetPrefix, '.')+1:]] = s
		}
	}
	d.routes = restjson.NewRoutes(rest)
	return d
}

// query finds the service of a query by its API version, and its operation.
func (d *dispatcher) query(version, action string) (*api.Service, *api.Operation) {
	service := d.byVersion[version]
	if service == nil {
		return nil, nil
	}
	op, _ := service.Operation(action)
	return service, op
}

// target finds the service and operation of an X-Amz-Target,
// "Prefix.Operation".
func (d *dispatcher) target(target string) (*api.Service, *api.Operation) {
	return operationOf(d.byTarget, target)
}

// console finds those of a console's X-Amz-Target, "iam.ListUsers": there every
// service goes by the name of its signing scope, whatever its own protocol.
func (d *dispatcher) console(target string) (*api.Service, *api.Operation) {
	if service, op := operationOf(d.byScope, target); service != nil {
		return service, op
	}
	return d.target(target)
}

func operationOf(services map[string]*api.Service, target string) (*api.Service, *api.Operation) {
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 {
		return nil, nil
	}
	service := services[target[:dot]]
	if service == nil {
		return nil, nil
	}
	op, _ := service.Operation(target[dot+1:])
	return service, op
}
