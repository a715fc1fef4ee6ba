"""What the bodies of orders and payments look like: fields, lengths, words.

Source: the request schemas of PayPal's Orders v2 and Payments v2.
"""

from __future__ import annotations

from harness.simulator.paypal.checks import MONEY, array, boolean, choice, loose, obj, text

_URL = text(1, 4000, r"[A-Za-z][A-Za-z0-9+.-]*://[^\s]+")
_COUNTRY = text(2, 2, "[A-Z]{2}|C2")
_EMAIL = text(3, 254, r"(?=.{3,254}$)[^@\s]+@[^@\s]+")
_NAME = obj({"given_name": text(0, 140), "surname": text(0, 140), "full_name": text(0, 300), "prefix": text(0, 140)})
_PHONE = obj({"phone_type": loose, "phone_number": obj({"national_number": text(1, 14, "[0-9]{1,14}?")})})
ADDRESS = obj(
    {
        "address_line_1": text(0, 300),
        "address_line_2": text(0, 300),
        "address_line_3": text(0, 300),
        "admin_area_1": text(0, 300),
        "admin_area_2": text(0, 120),
        "admin_area_3": text(0, 120),
        "postal_code": text(0, 60),
        "country_code": _COUNTRY,
        "address_details": loose,
    },
    "country_code",
)
_BREAKDOWN = obj(
    dict.fromkeys(
        ("item_total", "shipping", "handling", "tax_total", "insurance", "shipping_discount", "discount"), MONEY
    )
)
_MONEY_FIELDS = {"currency_code": text(3, 3, "[A-Za-z]{3}"), "value": text(1, 32, r"-?[0-9]+|-?[0-9]*\.[0-9]+")}
AMOUNT = obj({**_MONEY_FIELDS, "breakdown": _BREAKDOWN}, "currency_code", "value")
ITEM = obj(
    {
        "name": text(1, 127),
        "unit_amount": MONEY,
        "tax": MONEY,
        "quantity": text(1, 10, "[1-9][0-9]{0,9}"),
        "description": text(0, 2048),
        "sku": text(0, 127),
        "url": text(1, 2048),
        "image_url": text(1, 2048),
        "category": choice("DIGITAL_GOODS", "PHYSICAL_GOODS", "DONATION"),
        "upc": loose,
    },
    "name",
    "unit_amount",
    "quantity",
)
SHIPPING = obj(
    {
        "type": choice("SHIPPING", "PICKUP_IN_PERSON", "PICKUP_IN_STORE", "PICKUP_FROM_PERSON"),
        "name": _NAME,
        "email_address": _EMAIL,
        "phone_number": loose,
        "options": array(
            obj(
                {
                    "id": text(1, 127),
                    "label": text(1, 127),
                    "type": choice("SHIPPING", "PICKUP", "PICKUP_IN_STORE", "PICKUP_FROM_PERSON"),
                    "amount": MONEY,
                    "selected": boolean,
                },
                "id",
                "label",
                "selected",
            ),
            10,
        ),
        "address": ADDRESS,
    }
)
PAYEE = obj({"email_address": _EMAIL, "merchant_id": text(13, 13, "[2-9A-HJ-NP-Z]{13}")})
UNIT = obj(
    {
        "reference_id": text(1, 256),
        "amount": AMOUNT,
        "payee": PAYEE,
        "payment_instruction": obj({"platform_fees": loose, "disbursement_mode": choice("INSTANT", "DELAYED")}),
        "description": text(1, 3000),
        "custom_id": text(1, 255),
        "invoice_id": text(1, 127),
        "soft_descriptor": text(1, 22),
        "items": array(ITEM),
        "shipping": SHIPPING,
        "supplementary_data": loose,
    },
    "amount",
)
_CONTEXT = {
    "brand_name": text(1, 127),
    "locale": text(2, 10, "[a-z]{2}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"),
    "shipping_preference": choice("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"),
    "return_url": _URL,
    "cancel_url": _URL,
    "landing_page": choice("LOGIN", "BILLING", "GUEST_CHECKOUT", "NO_PREFERENCE"),
    "user_action": choice("CONTINUE", "PAY_NOW"),
    "payment_method_preference": choice("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"),
    "payment_method": obj(
        {"payee_preferred": choice("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"), "payer_selected": loose}
    ),
    "contact_preference": loose,
    "order_update_callback_config": loose,
    "app_switch_context": loose,
    "stored_payment_source": loose,
}
CONTEXT = obj(_CONTEXT)
_ATTRIBUTES = obj(
    {
        "customer": obj({"id": text(1, 22, "[0-9a-zA-Z_-]+"), "email_address": _EMAIL, "phone": loose, "name": loose}),
        "vault": obj(
            {
                "store_in_vault": choice("ON_SUCCESS"),
                "usage_type": choice("MERCHANT", "PLATFORM"),
                "usage_pattern": loose,
                "customer_type": choice("CONSUMER", "BUSINESS"),
                "permit_multiple_payment_tokens": boolean,
                "description": text(1, 128),
            }
        ),
        "verification": obj({"method": choice("SCA_ALWAYS", "SCA_WHEN_REQUIRED", "3D_SECURE", "AVS_CVV")}),
    }
)
_STORED = obj(
    {
        "payment_initiator": choice("CUSTOMER", "MERCHANT"),
        "payment_type": choice("ONE_TIME", "RECURRING", "UNSCHEDULED"),
        "usage": choice("FIRST", "SUBSEQUENT", "DERIVED"),
        "usage_pattern": loose,
        "charge_pattern": loose,
        "previous_network_transaction_reference": loose,
    }
)
CARD = obj(
    {
        "name": text(1, 300),
        "number": text(13, 19, "[0-9]{13,19}", secret=True),
        "expiry": text(7, 7, "[0-9]{4}-(0[1-9]|1[0-2])"),
        "security_code": text(3, 4, "[0-9]{3,4}", secret=True),
        "billing_address": ADDRESS,
        "attributes": _ATTRIBUTES,
        "vault_id": text(1, 255, "[0-9a-zA-Z_-]+"),
        "single_use_token": text(1, 255),
        "stored_credential": _STORED,
        "network_token": loose,
        "experience_context": CONTEXT,
    }
)
PAYPAL = obj(
    {
        "vault_id": text(1, 255, "[0-9a-zA-Z_-]+"),
        "email_address": _EMAIL,
        "name": _NAME,
        "phone": _PHONE,
        "birth_date": text(10, 10, r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "tax_info": loose,
        "address": ADDRESS,
        "attributes": _ATTRIBUTES,
        "experience_context": CONTEXT,
        "billing_agreement_id": text(2, 128, "[a-zA-Z0-9-]+"),
        "stored_credential": _STORED,
    }
)
_OTHERS = """
bancontact blik eps giropay ideal mybank p24 sofort trustly apple_pay google_pay venmo pay_upon_invoice alipay
wechatpay multibanco satispay boletobancario oxxo crypto bizum
"""
OTHERS = tuple(_OTHERS.split())
"""Sources that real PayPal takes from merchants that it enabled for them."""
SOURCE = obj(
    {
        "card": CARD,
        "paypal": PAYPAL,
        "token": obj(
            {"id": text(1, 255, "[0-9a-zA-Z_-]+"), "type": choice("BILLING_AGREEMENT", "PAYMENT_METHOD_TOKEN")},
            "id",
            "type",
        ),
        **dict.fromkeys(OTHERS, loose),
    }
)
PAYER = obj(
    {
        "email_address": _EMAIL,
        "payer_id": loose,
        "name": _NAME,
        "phone": _PHONE,
        "birth_date": text(10, 10, r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "tax_info": loose,
        "address": ADDRESS,
    }
)
ORDER = obj(
    {
        "intent": choice("CAPTURE", "AUTHORIZE"),
        "payer": PAYER,
        "purchase_units": array(UNIT, 10, 1),
        "payment_source": SOURCE,
        "application_context": CONTEXT,
        "processing_instruction": choice("ORDER_COMPLETE_ON_PAYMENT_APPROVAL", "NO_INSTRUCTION"),
    },
    "intent",
    "purchase_units",
)
CONFIRM = obj(
    {"payment_source": SOURCE, "application_context": CONTEXT, "processing_instruction": loose}, "payment_source"
)
PAY = obj({"payment_source": SOURCE})
_SHIPPED = {
    "carrier": text(1, 64),
    "carrier_name_other": text(1, 64),
    "tracking_number": text(1, 64),
    "notify_payer": boolean,
    "items": array(
        obj(
            {
                "name": text(1, 127),
                "quantity": text(1, 10, "[1-9][0-9]{0,9}"),
                "sku": text(0, 127),
                "url": loose,
                "image_url": loose,
                "upc": loose,
            }
        )
    ),
}
TRACK = obj({"capture_id": text(1, 50, "[a-zA-Z0-9]*"), **_SHIPPED}, "capture_id")
CAPTURE_AUTHORIZATION = obj(
    {
        "invoice_id": text(1, 127),
        "note_to_payer": text(0, 255),
        "amount": MONEY,
        "final_capture": boolean,
        "payment_instruction": loose,
        "soft_descriptor": text(0, 22),
    }
)
REAUTHORIZE = obj({"amount": MONEY})
REFUND = obj(
    {
        "amount": MONEY,
        "custom_id": text(1, 127),
        "invoice_id": text(1, 127),
        "note_to_payer": text(1, 255),
        "payment_instruction": loose,
    }
)
