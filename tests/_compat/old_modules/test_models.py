"""Models of ``qiskit.validation`` are plain objects."""

from ibmq_backend._compat.old_modules.models import BaseModel, BaseSchema, Obj, bind_schema


def test_documents():
    @bind_schema(BaseSchema)
    class Device(BaseModel):
        def __init__(self, name, **entries):
            super().__init__(name=name, **entries)

    device = Device.from_dict({"name": "d", "gates": [Obj(name="cx")]})
    assert device.name == "d"
    assert "gates" in device
    assert "other" not in device
    assert device.to_dict() == device.as_dict() == {"name": "d", "gates": [{"name": "cx"}]}
