"""Requests made up from the description of the API: no error inside, every answer as described."""

import schemathesis
from hypothesis import HealthCheck, Phase, settings

from classifier import ScamClassifier
from classifier.service.app import create_app
from classifier.service.settings import Limits, Settings

EXAMPLES = 40  # of each endpoint
CHECKS = (
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
)


def _described():
    app = create_app(ScamClassifier.load(), Settings(limits=Limits(rate=1e6, burst=1_000_000)))
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers={"Host": "localhost"})


schema = _described()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_made_up_requests(case):
    answer = case.call(headers={"Host": "localhost"})
    case.validate_response(answer, checks=CHECKS)


def test_every_endpoint_is_described_with_its_refusals():
    described = schema.raw_schema
    assert set(described["paths"]) == {
        "/score", "/score/batch", "/score/file", "/consult", "/consult/{prefecture}", "/model", "/health",
    }  # fmt: skip
    for path in described["paths"].values():
        for method, operation in path.items():
            assert operation["summary"]
            assert "429" in operation["responses"]
            if method == "post":
                assert {"413", "422"} <= set(operation["responses"])
    assert "examples" in str(described["components"]["schemas"]["TextToScore"])
    assert "LiveMessage" in described["components"]["schemas"]
