@payments @pci-6.2.4 @cwe-755 @asvs-V16.5.2
Feature: A declined card costs nothing but another try

  Every tenth card payment is declined. What the shopper is told decides whether the sale is lost, what the shop does
  next decides whether the card networks fine it, and what it must never do is to release goods that nobody paid for.

  @high @defect-R04
  Scenario Outline: The shopper is told why <card> was refused, and nothing is released
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the shopper is told that <message>
    And the order stays unpaid
    And nothing is fulfilled

    Examples: Refused by the bank
      | card                                     | message                            |
      | a card that is declined                  | the card was declined              |
      | a card declined for insufficient funds   | the card lacks the funds           |
      | a card past its velocity limit           | the card has reached its limit     |
      | an expired card                          | the card has expired               |
      | a card with a wrong security code        | the security code is wrong         |
      | a card that meets a processing error     | the payment may be tried again     |
      | a card that attaches but is declined     | the card was declined              |

    Examples: Refused for a reason that a thief must not learn
      | card                                     | message                            |
      | a card reported lost                     | the card was declined              |
      | a card reported stolen                   | the card was declined              |
      | a card declined as fraudulent            | the card was declined              |
      | a card that the provider always blocks   | the card was declined              |

  @critical @defect-R04 @defect-W27
  Scenario Outline: After <card> was refused, another card pays
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    And the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured

    Examples:
      | card                                     |
      | a card that is declined                  |
      | a card declined for insufficient funds   |
      | a card past its velocity limit           |
      | an expired card                          |
      | a card with a wrong security code        |
      | a card that meets a processing error     |
      | a card that attaches but is declined     |
      | a card reported lost                     |
      | a card reported stolen                   |
      | a card declined as fraudulent            |
      | a card that the provider always blocks   |

  @high @defect-R05 @simulator-only
  Scenario Outline: The shop does not try <card> again by itself
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    And 3 days pass
    Then the provider counts 1 charge
    And the order stays unpaid

    Examples:
      | card                     |
      | a card reported lost     |
      | a card reported stolen   |
      | a card that is declined  |

  @critical @defect-W27 @defect-W20
  Scenario: News of the refused card arrives after the payment that followed it
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that is declined
    And the shopper pays with a Visa card
    And the held events arrive in the order payment succeeded, payment failed
    Then the order is paid
    And the order is fulfilled once
